import { Firestore } from '@google-cloud/firestore';
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { ReadCache } from '../../config.ts';
import type { Backend } from '../contracts.ts';
import { NOW_MS } from '../suite/fixtures.ts';
import type { StoreHarness } from '../suite/harness.ts';
import { connect } from './client.ts';
import { firestoreBackend } from './open.ts';
import { rawFirestore } from './raw.ts';

/** Where the emulator listens; the test runner starts it and says so. */
export function emulatorHost(): string {
  const host = process.env['FIRESTORE_EMULATOR_HOST'];
  if (host === undefined) throw new Error('No Firestore emulator: run the tests by "npm test", which starts one.');
  return host;
}

/** A project nobody else uses: the emulator keeps projects apart. */
export function freshProject(): string {
  return `demo-${randomUUID()}`;
}

/** What a test looks at documents with: nobody's meter counts it, and by its name an independent count leaves it out too. */
export const WITNESS = 'witness';

export function connectWitness(project_id: string): Firestore {
  const host = emulatorHost();
  const name = { 'grpc.primary_user_agent': WITNESS };
  return new Firestore({ projectId: project_id, host, ssl: false, universeDomain: 'googleapis.com', ...name });
}

export interface FirestoreHarnessOptions {
  readonly cache?: ReadCache;
  readonly clock?: Clock;
}

/** Two clients as two processes have them, on a project of their own; emptied by the emulator itself. */
// eslint-disable-next-line @typescript-eslint/require-await -- opening is part of the harness's asynchronous contract
export async function openFirestoreHarness(options: FirestoreHarnessOptions = {}): Promise<StoreHarness> {
  const { cache = 'all', clock = { now_ms: () => NOW_MS } } = options;
  const project_id = freshProject();
  const host = emulatorHost();
  const [first, other] = [connect(project_id, host), connect(project_id, host)];
  const witness = connectWitness(project_id);
  const open = (firestore: Firestore): Backend => firestoreBackend(firestore, { clock, cache });
  let backend = open(first);
  return {
    get backend() {
      return backend;
    },
    second: () => Promise.resolve(open(other)),
    raw: rawFirestore(() => witness),
    differences: {
      retention_elsewhere: 'The TTL of expire_at deletes points and audit events.',
    },
    reset: async () => {
      await emptyProject(host, project_id);
      backend = open(first);
    },
    close: async () => {
      await Promise.all([first.terminate(), other.terminate(), witness.terminate()]);
    },
  };
}

/** Removes every document of a project. */
export async function emptyProject(host: string, project_id: string): Promise<void> {
  const documents = `http://${host}/emulator/v1/projects/${project_id}/databases/(default)/documents`;
  const answer = await fetch(documents, { method: 'DELETE' });
  if (!answer.ok) throw new Error(`the emulator did not empty the project: ${answer.status}`);
}
