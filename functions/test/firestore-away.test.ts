/** A cloud home under load while its Firestore is killed, refuses connections, or says nothing; and when it is back. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MINUTE_MS } from '@bas/core/clock';
import type { LogFields } from '@bas/core/observability/log';
import { connect } from '@bas/core/stores/firestore/client';
import { rawFirestore } from '@bas/core/stores/firestore/raw';
import { startFirestore, type FirestoreEmulator } from '../../scripts/lib/firestore-emulator.ts';
import ingest from '../src/https/ingest-telemetry.ts';
import type { Answer } from './support/client.ts';
import { startGrpcProxy, type GrpcProxy } from './support/grpc-proxy.ts';
import { until } from './support/moving-box.ts';
import type { SeededDevice } from './support/seed.ts';
import { startServer, type TestServer } from './support/server.ts';
import { SteadyLoad } from './support/steady-load.ts';

const PER_SECOND = 50;
const DEVICES = 50;
const KILLED_MS = 60_000;
const FROZEN_MS = 20_000;
const REFUSING_MS = 8_000;
const SOON_MS = 1_000;
/** The patience with one document. */
const SILENT_MS = 5_000;
const BACK_MS = 6_000;

describe('a home whose Firestore is away', function () {
  this.timeout(200_000);
  const project_id = `demo-${randomUUID()}`;
  const lines: LogFields[] = [];
  let emulator: FirestoreEmulator;
  let proxy: GrpcProxy;
  let server: TestServer;
  let devices: readonly SeededDevice[];
  let load: SteadyLoad | undefined;

  beforeEach(async () => {
    emulator = await startFirestore();
    proxy = await startGrpcProxy(emulator.host);
    const home = { kind: 'firestore', project_id, emulator_host: proxy.host } as const;
    const logger = {
      log: (_: string, message: string, fields: LogFields = {}) => void lines.push({ message, ...fields }),
    };
    server = await startServer({ store: 'firestore', doors: [ingest], home, parts: { logger } });
    await proxy.lead(() => server.seed.tenant('acme'));
    const seeding = Array.from({ length: DEVICES }, () => server.seed.device({ tenant_id: 'acme' }));
    devices = await Promise.all(seeding);
    await Promise.all(devices.map((device) => post(device, 0)));
  });
  beforeEach(() => {
    // A new minute, for which each device has its writes.
    server.clock.advance(MINUTE_MS);
    lines.length = 0;
    load = new SteadyLoad(PER_SECOND, (number) => post(devices[number % DEVICES] ?? assert.fail(), number));
  });
  afterEach(async () => {
    emulator.wake();
    try {
      await load?.stop();
    } finally {
      await server.close();
      await proxy.close();
      await emulator.stop();
    }
  });

  const post = (device: SeededDevice, number: number): Promise<Answer> =>
    server.device(device).send('POST', '/v1/telemetry', {
      json: {
        device_id: device.device_id,
        points: [{ timestamp_ms: server.clock.now_ms() - number, metrics: { number } }],
      },
    });

  const state = () => server.suite.dependencies.states()['firestore'];
  const isAway = ({ status, code, headers }: Answer): boolean =>
    status === 503 && code === 'store_unavailable' && /^[1-9]\d*$/.test(String(headers['retry-after']));

  /** Watches an open breaker for a while: calls that reached the store in each second. */
  async function callsBySecond(for_ms: number): Promise<readonly number[]> {
    // What was sent before it opened may still be on its way.
    await sleep(1_000);
    const seconds: number[] = [];
    const until_ms = performance.now() + for_ms;
    while (performance.now() < until_ms) {
      proxy.counts.reset();
      await sleep(1_000);
      seconds.push(proxy.counts.calls());
    }
    return seconds;
  }

  /** The load goes on until one of it is answered; how long that took. */
  async function recovery(running: SteadyLoad): Promise<number> {
    server.clock.advance(MINUTE_MS);
    const back_ms = performance.now();
    await until(() => running.between(back_ms).some(({ answer }) => answer.status === 200));
    return performance.now() - back_ms;
  }

  async function assertAcknowledgedIsStored(running: SteadyLoad, since_ms = 0): Promise<void> {
    await running.stop();
    const client = await proxy.lead(() => connect(project_id, proxy.host));
    const stored = new Set<number>();
    for (const { device_id } of devices) {
      const points = await rawFirestore(() => client).points('acme', device_id);
      for (const { metrics } of points) stored.add((JSON.parse(metrics) as { number: number }).number);
    }
    await client.terminate();
    const acknowledged = running.between(since_ms).filter(({ answer }) => answer.status === 200);
    assert(acknowledged.length > 0);
    assert.deepEqual(
      acknowledged.filter(({ number }) => !stored.has(number)).map(({ number }) => number),
      [],
    );
  }

  const slowest = (told: readonly { readonly took_ms: number }[]): number =>
    Math.max(0, ...told.map(({ took_ms }) => took_ms));
  const breakerLines = () => lines.flatMap(({ breaker }) => (breaker === undefined ? [] : [breaker]));

  it('refused at its port: every answer comes within a second, and it is back by itself with all that was acknowledged', async () => {
    const running = load ?? assert.fail();
    await sleep(2_000);
    const reopen = await proxy.refuse();
    const gone_ms = performance.now();
    await sleep(REFUSING_MS);
    const away = running.between(gone_ms);
    assert(away.length > (REFUSING_MS / 1_000) * PER_SECOND * 0.8, String(away.length));
    assert(away.every(({ answer }) => isAway(answer)));
    assert(slowest(away) < SOON_MS, `${String(slowest(away))} ms`);
    await reopen();
    const took_ms = await recovery(running);
    assert(took_ms < BACK_MS, `${String(took_ms)} ms`);
    await assertAcknowledgedIsStored(running);
    assert.deepEqual(breakerLines(), ['open', 'closed']);
  });

  it('silent: it is given up once, asked once a second at most, and is back with all that was acknowledged', async () => {
    const running = load ?? assert.fail();
    await sleep(2_000);
    emulator.freeze();
    const frozen_ms = performance.now();
    await until(() => state() === 'open');
    const opened_ms = performance.now();
    assert(opened_ms - frozen_ms < SILENT_MS + SOON_MS, `${String(opened_ms - frozen_ms)} ms`);
    const calls = await callsBySecond(FROZEN_MS - (opened_ms - frozen_ms));
    assert(Math.max(...calls) <= 1, calls.join());
    emulator.wake();
    const woken_ms = performance.now();
    const took_ms = await recovery(running);
    assert(took_ms < BACK_MS, `${String(took_ms)} ms`);
    const before = running.between(frozen_ms, opened_ms).filter(({ answer }) => answer.status !== 200);
    // One that waited behind another of its device may have been the probe after that.
    assert(slowest(before) < 2 * SILENT_MS + SOON_MS, `${String(slowest(before))} ms`);
    const refused = running.between(opened_ms, woken_ms).filter(({ answer }) => isAway(answer));
    const probes = refused.filter((one) => one.took_ms > SOON_MS);
    // Probes, and who queued behind a write of the same device that was still waiting.
    assert(probes.length <= refused.length / 10, `${String(probes.length)} of ${String(refused.length)} waited`);
    await assertAcknowledgedIsStored(running);
    assert.deepEqual(breakerLines(), ['open', 'closed']);
  });

  it('killed for a minute: it is asked once a second at most, answers come at once, and it is back by itself', async () => {
    const running = load ?? assert.fail();
    await sleep(2_000);
    await emulator.stop();
    const killed_ms = performance.now();
    await until(() => state() !== 'closed');
    const calls = await callsBySecond(KILLED_MS);
    assert(Math.max(...calls) <= 1, calls.join());
    assert.equal((await server.suite.health()).status, 'degraded');
    const away = running.between(killed_ms);
    assert(away.every(({ answer }) => isAway(answer)));
    // The load comes from this process too: on a busy machine a few answers wait for their turn of it.
    const late = away.filter((one) => one.took_ms >= SOON_MS);
    assert(late.length < away.length / 100, `${String(late.length)} of ${String(away.length)}`);
    assert(slowest(away) < 3 * SOON_MS, `${String(slowest(away))} ms`);
    const waits = new Set(away.map(({ answer }) => answer.headers['retry-after']));
    assert(waits.size >= 10, [...waits].join());
    emulator = await startFirestore(Number(emulator.host.split(':')[1]));
    const back_ms = performance.now();
    const took_ms = await recovery(running);
    assert(took_ms < BACK_MS, `${String(took_ms)} ms`);
    // Its data was in memory: what was acknowledged before is gone with it.
    await assertAcknowledgedIsStored(running, back_ms);
    assert.deepEqual(breakerLines(), ['open', 'closed']);
  });
});
