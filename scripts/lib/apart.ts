/** Ctrl-C reaches every process of a terminal's group. Where that would end the very servers that are measured, the work runs apart. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { runCommand, type ExitCode } from './cli.ts';
import { SAME_PRESS_MS } from './stop-signal.ts';

const APART = 'RUN_APART';

/** Runs a command in a process group of its own: the first Ctrl-C asks it alone to stop, the next one ends all of the group. */
export async function runApart(main: (args: readonly string[]) => Promise<ExitCode>): Promise<void> {
  if (process.env[APART] === undefined) return runGroup();
  // Whoever started this is gone: nobody could stop it any more.
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  await runCommand(main);
  if (process.connected) process.disconnect();
}

async function runGroup(): Promise<void> {
  const child = spawn(process.execPath, process.argv.slice(1), {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [APART]: '1' },
  });
  let asked_ms: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      const now_ms = performance.now();
      asked_ms ??= now_ms;
      if (now_ms - asked_ms > SAME_PRESS_MS && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      else child.kill('SIGTERM');
    });
  }
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 130;
}
