/** The real one-box server as a process of its own, so that client and server do not share a thread. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = resolve(import.meta.dirname, '../..');

export interface ServerProcess {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts `args` with this Node and waits for the first line that names a URL. `errors` is where its errors go. */
export async function startProcess(
  args: readonly string[],
  env: Record<string, string> = {},
  errors: number | 'inherit' = 'inherit',
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', errors],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const url = await firstUrl(child);
  return {
    url,
    stop: async () => {
      process.off('exit', kill);
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

export function startServe(data: string, env: Record<string, string>): Promise<ServerProcess> {
  return startProcess([join(ROOT, 'scripts/serve.ts'), '--port', '0', '--data', data], env);
}

async function firstUrl({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('The server has no standard output.');
  const lines = createInterface({ input: stdout });
  for await (const line of lines) {
    const found = /https?:\/\/[^\s"]+/.exec(line);
    if (found === null) continue;
    // Go on reading, so that the child never blocks on a full pipe.
    stdout.resume();
    return found[0].replace(/\/$/, '');
  }
  throw new Error('The server ended before it listened.');
}
