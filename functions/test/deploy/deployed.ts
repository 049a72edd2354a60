/** The functions as the cloud has them: packed, installed in a folder of their own, one process each. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { freePort } from '../../../scripts/lib/firestore-emulator.ts';
import { buildPacked, packFunctions } from '../../../scripts/lib/pack.ts';
import { functionsDir, rootDir } from '../../../scripts/lib/paths.ts';
import { HttpClient } from '../support/client.ts';
import type { Env } from '../support/command.ts';

const FRAMEWORK = join(rootDir, 'node_modules/@google-cloud/functions-framework/build/src/main.js');
const PATIENCE_MS = 30_000;

/** One function in a process of its own. */
export interface RunningFunction {
  readonly client: HttpClient;
  readonly url: string;
  readonly pid: number;
  /** What it has printed so far. */
  printed(): string;
  stop(): Promise<void>;
}

/** The packed functions in their folder. */
export interface Deployed {
  readonly folder: string;
  /** What travelled, relative to the folder. */
  readonly files: readonly string[];
  start(name: string, env: Env): Promise<RunningFunction>;
  remove(): void;
}

/** Packs a copy of functions/ to which `planted` was added, and builds it as the cloud does. */
export async function deploy(planted: Readonly<Record<string, string>> = {}): Promise<Deployed> {
  const scratch = mkdtempSync(join(tmpdir(), 'bas-deploy-'));
  const source = join(scratch, 'functions');
  const folder = join(scratch, 'workspace');
  cpSync(functionsDir, source, { recursive: true, filter: (path) => basename(path) !== 'node_modules' });
  for (const [file, content] of Object.entries(planted)) {
    mkdirSync(dirname(join(source, file)), { recursive: true });
    writeFileSync(join(source, file), content);
  }
  mkdirSync(folder);
  const files = await packFunctions(folder, source);
  rmSync(source, { recursive: true }); // what did not travel must not be found by looking around
  await buildPacked(folder);
  return {
    folder,
    files,
    start: (name, env) => startFunction(folder, name, env),
    remove: () => rmSync(scratch, { recursive: true, force: true }),
  };
}

/** Starts a function as the cloud does, with nothing of this process's configuration, and waits until it listens. */
export async function startFunction(folder: string, name: string, env: Env): Promise<RunningFunction> {
  const { PATH = '', HOME = '' } = process.env;
  const port = String(await freePort());
  const child = spawn(process.execPath, [FRAMEWORK], {
    cwd: folder,
    env: { PATH, HOME, PORT: port, FUNCTION_TARGET: name, FUNCTION_SIGNATURE_TYPE: 'http', K_REVISION: name, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let printed = '';
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const keep = (chunk: Buffer): void => {
    printed += chunk.toString();
    if (printed.includes(`:${port}/`)) resolve(undefined);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const patience = setTimeout(() => reject(new Error(`${name} did not start:\n${printed}`)), PATIENCE_MS);
  ended.then(() => reject(new Error(`${name} ended:\n${printed}`)), reject);
  const url = `http://127.0.0.1:${port}`;
  const client = new HttpClient(url);
  const stop = async (): Promise<void> => {
    client.close();
    child.kill('SIGKILL'); // as an instance may go at any time
    await ended;
  };
  try {
    await promise;
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(patience);
  }
  return { client, url, pid: child.pid ?? 0, printed: () => printed, stop };
}

/** Runs `work` over all items, a few at a time. */
export async function fewAtATime<T>(items: readonly T[], count: number, work: (item: T) => Promise<void>) {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: count }, worker));
}
