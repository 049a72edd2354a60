/** A bare Firestore emulator for tests and measurements: one Java process on a free port. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findFirestore, firestoreHint } from './emulators.ts';
import { findJava, javaHint } from './java.ts';
import { rootDir } from './paths.ts';

/** A running emulator. `host` is what FIRESTORE_EMULATOR_HOST takes. */
export interface FirestoreEmulator {
  host: string;
  stop(): Promise<void>;
  /** Stops its process as it stands, so that its port accepts and nobody answers; until `wake`. */
  freeze(): void;
  wake(): void;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(host: string): Promise<boolean> {
  return fetch(`http://${host}/`).then(
    (response) => response.ok,
    () => false,
  );
}

/** Asks what every test asks: the first of each kind takes the emulator seconds, which no test should wait for. */
async function warmUp(host: string): Promise<void> {
  const documents = `http://${host}/v1/projects/demo-start/databases/(default)/documents`;
  const headers = { authorization: 'Bearer owner' };
  const questions = {
    commit: '{"writes":[]}',
    batchGet: '{"documents":[]}',
    runQuery: '{"structuredQuery":{"from":[{"collectionId":"a"}]}}',
  };
  for (const [verb, body] of Object.entries(questions)) {
    await fetch(`${documents}:${verb}`, { method: 'POST', headers, body });
  }
}

/** Starts the emulator with the project's rules, on `port` or any free one, and waits until it answers. */
export async function startFirestore(port?: number, more: readonly string[] = []): Promise<FirestoreEmulator> {
  const java = findJava();
  if (!java) throw new Error(javaHint);
  const jar = findFirestore();
  if (jar === undefined) throw new Error(firestoreHint);
  port ??= await freePort();
  const host = `127.0.0.1:${port}`;
  const rules = join(rootDir, 'firestore.rules');
  const flags = ['-Xmx1g', '-Duser.language=en', '-jar', jar];
  const child = spawn(java.bin, [...flags, '--host', '127.0.0.1', '--port', String(port), '--rules', rules, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const keep = (chunk: Buffer) => (printed = (printed + chunk.toString()).slice(-4_000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const stop = async () => {
    process.off('exit', kill);
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL'); // its data is in memory: there is nothing to save
    await once(child, 'exit');
  };
  const patience = Date.now() + 60_000;
  while (Date.now() < patience && child.exitCode === null) {
    if (await answers(host)) {
      await warmUp(host);
      const freeze = () => void child.kill('SIGSTOP');
      return { host, stop, freeze, wake: () => void child.kill('SIGCONT') };
    }
    await delay(100);
  }
  await stop();
  throw new Error(`The Firestore emulator did not start:\n${printed}`);
}
