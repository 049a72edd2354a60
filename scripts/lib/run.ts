/** Child processes: run one to its end, or keep one and stop all that it started. */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** How a finished command ended, with what it printed when output was captured. */
export interface Finished {
  code: number;
  output: string;
}

/** Runs a command to its end; `quiet` holds its output back and returns it. */
export async function run(command: string, args: string[], options: SpawnOptions & { quiet?: boolean } = {}) {
  const { quiet = false, ...spawnOptions } = options;
  const child = spawn(command, args, { ...spawnOptions, stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  const finished: Finished = { code: code ?? (signal ? 130 : 1), output: Buffer.concat(chunks).toString() };
  return finished;
}

/** Runs a command quietly and throws with its output when it fails. */
export async function runOrFail(what: string, command: string, args: string[], options: SpawnOptions = {}) {
  const { code, output } = await run(command, args, { ...options, quiet: true });
  if (code !== 0) throw new Error(`${what} failed (exit ${code}):\n${output.trimEnd()}`);
  return output;
}

/** Whether a process of this group still exists. */
function groupAlive(pgid: number): boolean {
  try {
    process.kill(-pgid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Starts a command as leader of its own process group, so that `stopGroup` reaches everything it starts. */
export function spawnGroup(command: string, args: string[], options: SpawnOptions = {}): ChildProcess {
  return spawn(command, args, { ...options, detached: true });
}

/** Ends a whole process group: asks first, waits, then insists. Only ever our own group. */
export async function stopGroup(child: ChildProcess, graceMs = 10_000): Promise<void> {
  const pgid = child.pid;
  if (pgid === undefined) return;
  for (const [signal, patienceMs] of [
    ['SIGTERM', graceMs],
    ['SIGKILL', 2_000],
  ] as const) {
    if (!groupAlive(pgid)) return;
    process.kill(-pgid, signal);
    for (let waited = 0; waited < patienceMs && groupAlive(pgid); waited += 50) await delay(50);
  }
}
