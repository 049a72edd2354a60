/** The Firebase emulators as one child: started, awaited, stopped with all that they started. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Descendants } from './descendants.ts';
import { emulatorArguments } from './firebase-cli.ts';
import { addressOf } from './firebase-ports.ts';
import { cacheDir, demoProject, rootDir } from './paths.ts';
import { spawnGroup, stopGroup } from './run.ts';

/** Emulators that answer. */
export interface FirebaseEmulators {
  child: ChildProcess;
  /** Which run: functions, hosting and, where the machine can, firestore and pubsub. */
  running: string[];
  hostingUrl: string;
  functionsUrl: string;
  stop(): Promise<void>;
}

async function whenReady(child: ChildProcess): Promise<void> {
  let tail = '';
  const ready = new Promise<void>((resolve) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-6_000);
      if (tail.includes('All emulators ready')) resolve();
    });
  });
  const died = once(child, 'exit').then(() => {
    throw new Error(`The emulators did not start:\n${tail}`);
  });
  await Promise.race([
    ready,
    died,
    delay(120_000, undefined, { ref: false }).then(() => Promise.reject(new Error(tail))),
  ]);
}

/** Asks the CLI to shut down, which saves nothing here, and then ends whatever is left of its group. */
async function stop(child: ChildProcess, family: Descendants, scratch: string): Promise<void> {
  family.remember();
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGINT');
    await Promise.race([once(child, 'exit'), delay(8_000, undefined, { ref: false })]);
  }
  await stopGroup(child, 2_000);
  family.killRemaining();
  rmSync(scratch, { recursive: true, force: true });
}

/** Starts what this machine can run; `logFile` takes the CLI's output. Returns at once: await `ready`. */
export function startFirebase(logFile: string): { emulators: FirebaseEmulators; ready: Promise<void> } {
  const chosen = emulatorArguments([]);
  mkdirSync(dirname(logFile), { recursive: true });
  mkdirSync(cacheDir, { recursive: true });
  const cli = join(rootDir, 'node_modules', 'firebase-tools', 'lib', 'bin', 'firebase.js');
  const args = [
    cli,
    'emulators:start',
    '--config',
    join(rootDir, 'firebase.json'),
    '--project',
    demoProject,
    ...chosen,
  ];
  // The emulators leave their logs where they are started, and a socket for each call in the folder for such things.
  const scratch = mkdtempSync(join(tmpdir(), 'bas-'));
  const env = { ...process.env, TMPDIR: scratch };
  const child = spawnGroup(process.execPath, args, { cwd: cacheDir, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const family = new Descendants(child.pid ?? 0);
  const log = createWriteStream(logFile);
  child.stdout?.pipe(log);
  child.stderr?.pipe(log);
  return {
    emulators: {
      child,
      running: chosen.at(-1)?.split(',') ?? [],
      hostingUrl: `http://${addressOf('hosting')}`,
      functionsUrl: `http://${addressOf('functions')}`,
      stop: () => stop(child, family, scratch),
    },
    ready: whenReady(child).then(() => family.remember()),
  };
}
