/** A server on Firestore, behind a proxy that breaks calls, with a tenant for each trial. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { HOUR_MS, SECOND_MS } from '@bas/core/clock';
import { connectWitness, emptyProject } from '@bas/core/stores/firestore/harness';
import { rawFirestore } from '@bas/core/stores/firestore/raw';
import type { RawStore } from '@bas/core/stores/suite/harness';
import { doors as loaders } from '../src/doors.ts';
import type { Answer } from '../test/support/client.ts';
import { startGrpcProxy, type GrpcProxy } from '../test/support/grpc-proxy.ts';
import { RememberingPasswords } from '../test/support/passwords.ts';
import type { SeededDevice, SeededUser } from '../test/support/seed.ts';
import { startServer, type Browser, type TestServer } from '../test/support/server.ts';

const PREPARING_MS = 90_000;

/** The one server and store of a run. */
export interface Stage {
  readonly proxy: GrpcProxy;
  readonly server: TestServer;
  /** What is really stored, past the proxy and the code under test. */
  readonly raw: RawStore;
  /** A tenant that nothing was done in yet. */
  newScene(): Promise<Scene>;
  close(): Promise<void>;
}

/** A tenant with somebody signed in, and a device that has posted. */
export interface Scene {
  readonly stage: Stage;
  /** Of all scenes of its stage, the how manieth. */
  readonly number: number;
  readonly tenant_id: string;
  readonly admin: SeededUser;
  readonly device: SeededDevice;
  readonly browser: Browser;
  /** Where its people sign in from: tries are counted by network too, and a count may be held by a broken transaction. */
  readonly from: string;
}

export async function openStage(emulator_host: string): Promise<Stage> {
  const project_id = `demo-${randomUUID()}`;
  const proxy = await startGrpcProxy(emulator_host);
  const doors = await Promise.all(Object.values(loaders).map(async (load) => (await load()).default));
  const server = await startServer({
    store: 'firestore',
    doors,
    home: { kind: 'firestore', project_id, emulator_host: proxy.host },
    parts: { passwords: new RememberingPasswords() },
  });
  const witness = connectWitness(project_id);
  let tenants = 0;
  const stage: Stage = {
    proxy,
    server,
    raw: rawFirestore(() => witness),
    newScene: async () => {
      // It cannot while a broken transaction is open, and need not: tenants are apart anyway, this is for speed.
      await emptyProject(emulator_host, project_id).catch(() => undefined);
      return patiently(() => newScene(stage, (tenants += 1)));
    },
    close: async () => {
      await Promise.all([server.close(), witness.terminate()]);
      await proxy.close();
    },
  };
  // The client is made by the first question, and must then find the proxy.
  await proxy.lead(() => server.seed.tenant('system'));
  return stage;
}

/** A transaction that a fault has cut off holds what it has read for up to a minute, in the emulator even for others. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const until_ms = performance.now() + PREPARING_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > until_ms) throw error;
      await sleep(SECOND_MS);
    }
  }
}

async function newScene(stage: Stage, number: number): Promise<Scene> {
  const { server } = stage;
  const tenant_id = `tenant-${number}`;
  const from = `127.1.${number >> 8}.${number & 255}`;
  // A day of its own: no budget, block or memory of the one before counts.
  server.clock.advance(HOUR_MS);
  await server.seed.tenant('system');
  await server.seed.tenant(tenant_id);
  const admin = await server.seed.user({ tenant_id, role: 'admin', username: `admin-of-${tenant_id}` });
  // Events of one time would come in any order.
  server.clock.advance(1);
  const device = await server.seed.device({ tenant_id, device_id: 'pump' });
  server.clock.advance(1);
  const browser = await server.signIn(admin, { from });
  browser.from = from;
  const scene = { stage, number, tenant_id, admin, device, browser, from };
  expectOk(await postPoints(scene, [point(server.clock.now_ms(), 0)]));
  await server.suite.usage.writeAll();
  return scene;
}

export interface SentPoint {
  readonly timestamp_ms: number;
  readonly metrics: { readonly value: number };
}

export function point(timestamp_ms: number, value: number): SentPoint {
  return { timestamp_ms, metrics: { value } };
}

export function postPoints({ stage, device }: Scene, points: readonly SentPoint[]): Promise<Answer> {
  const { device_id } = device;
  return stage.server.device(device).send('POST', '/v1/telemetry', { json: { device_id, points } });
}

export function expectOk(answer: Answer): Answer {
  if (answer.status >= 300) throw new Error(`A trial could not be prepared: ${answer.status} ${answer.text}`);
  return answer;
}
