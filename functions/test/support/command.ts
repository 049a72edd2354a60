/** The project's command lines as a user runs them: processes of their own. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import type { StoreName } from './server.ts';

export const rootDir = resolve(import.meta.dirname, '../../..');

export type Env = Readonly<Record<string, string>>;

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What makes a command work on this store; a Firestore project of its own is empty. */
export function homeEnv(store: StoreName): Env {
  if (store === 'sqlite') return {};
  const host = process.env['FIRESTORE_EMULATOR_HOST'];
  if (host === undefined) throw new Error('No Firestore emulator: run this through `npm test -- <file>`.');
  const flags = { USE_FIRESTORE_TELEMETRY: '1', USE_FIRESTORE_AUDIT: '1', USE_FIRESTORE_AUTH: '1' };
  return { ...flags, GCP_PROJECT_ID: `demo-${randomUUID()}`, FIRESTORE_EMULATOR_HOST: host };
}

/** Starts `scripts/<name>.ts` with nothing of the test runner's own configuration. */
export function start(name: string, args: readonly string[], env: Env = {}): ChildProcessWithoutNullStreams {
  const { PATH = '', HOME = '' } = process.env;
  const script = join(rootDir, 'scripts', `${name}.ts`);
  return spawn(process.execPath, [script, ...args], { cwd: rootDir, env: { PATH, HOME, ...env } });
}

/** Runs a command to its end; `input` is its standard input. */
export async function run(name: string, args: readonly string[], { env = {}, input = '' } = {}): Promise<Finished> {
  const child = start(name, args, env);
  child.stdin.on('error', () => undefined).end(input);
  return finished(child);
}

/** The same as documented, through npm, whose shell drops variables whose names are none of its own. */
export async function runWithNpm(
  name: string,
  args: readonly string[],
  { env = {}, input = '' } = {},
): Promise<Finished> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn('npm', ['run', '-s', name, '--', ...args], { cwd: rootDir, env: { PATH, HOME, ...env } });
  child.stdin.on('error', () => undefined).end(input);
  return finished(child);
}

export async function finished(child: ChildProcessWithoutNullStreams): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  await once(child, 'close');
  return { code: child.exitCode, stdout, stderr };
}

export interface Served {
  readonly url: string;
  readonly ready_ms: number;
  readonly child: ChildProcessWithoutNullStreams;
  /** What it prints and how it ends. */
  readonly ended: Promise<Finished>;
  /** Asks it to stop, as a service manager does, and waits. */
  stop(): Promise<Finished>;
}

/** Starts `serve` on a free port and waits until it says where it listens. A demo has no points but what a test posts. */
export async function serve(args: readonly string[], env: Env = {}, { simulation = false } = {}): Promise<Served> {
  const started_ms = performance.now();
  const child = start('serve', ['--port', '0', ...(simulation ? [] : ['--no-simulation']), ...args], env);
  const ended = finished(child);
  const url = await Promise.race([firstUrl(child), ended.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
  return {
    url,
    ready_ms: performance.now() - started_ms,
    child,
    ended,
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

async function firstUrl(child: ChildProcessWithoutNullStreams): Promise<string> {
  let printed = '';
  const { promise, resolve: found } = Promise.withResolvers<string>();
  child.stdout.on('data', (chunk) => {
    printed += String(chunk);
    const url = /https?:\/\/\S+/.exec(printed)?.[0];
    if (url !== undefined && printed.includes('\n')) found(url);
  });
  return promise;
}
