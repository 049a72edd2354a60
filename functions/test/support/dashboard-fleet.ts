/** A page that polls several devices, which post all the while: to an instance of their own, so that what the others read is all the page's. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { MINUTE_MS, SECOND_MS } from '@bas/core/clock';
import ingestTelemetry from '../../src/https/ingest-telemetry.ts';
import latestTelemetry from '../../src/https/latest-telemetry.ts';
import recentTelemetry from '../../src/https/recent-telemetry.ts';
import windowTelemetry from '../../src/https/window-telemetry.ts';
import { Caller } from './client.ts';
import { DashboardPage } from './dashboard-page.ts';
import { seededRandom } from './grpc-faults.ts';
import { startGrpcProxy, type GrpcProxy } from './grpc-proxy.ts';
import { MovableClock } from './movable-clock.ts';
import type { SeededDevice } from './seed.ts';
import { startServer, type Browser, type TestServer } from './server.ts';
import { postPoints } from './telemetry.ts';

const POLL_MS = 5 * SECOND_MS;
/** Half of the devices begin a new bucket every hour, the others every six: at 06:00 all of them do. */
const INTERVALS_MS = [10 * SECOND_MS, MINUTE_MS];
const START_MS = Date.UTC(2025, 2, 3, 5, 25);
const FULL_HOUR_MS = Date.UTC(2025, 2, 3, 6);
/** All reading doors in one process, as a box and the cloud's reading service have them. */
const DOORS = [ingestTelemetry, recentTelemetry, windowTelemetry, latestTelemetry];

/** Between the opening and the full hour nothing new happens: polled every 15 s there, to be done sooner. */
const isQuiet = (now_ms: number): boolean =>
  Math.min(now_ms - START_MS, Math.abs(now_ms - FULL_HOUR_MS)) > 12 * MINUTE_MS;

interface Furnished {
  readonly device: SeededDevice;
  readonly interval_ms: number;
}

/** A device with more points than a chart shows. */
async function furnish(writer: TestServer, interval_ms: number): Promise<Furnished> {
  const device = await writer.seed.device({ tenant_id: 'acme', expected_interval_ms: interval_ms });
  const history = Array.from({ length: 120 }, (_, back) => ({
    timestamp_ms: START_MS - (back + 1) * interval_ms,
    metrics: { back },
  }));
  await postPoints(writer.device(device), device.device_id, history);
  return { device, interval_ms };
}

interface FleetParts {
  readonly proxy: GrpcProxy;
  readonly writer: TestServer;
  readonly readers: readonly TestServer[];
  readonly devices: readonly Furnished[];
  readonly viewer: Browser;
}

/** `instances` of a deployment read through a proxy; the emulator is asked for all else without it. */
export async function openFleet(devices: number, instances: number): Promise<DashboardFleet> {
  const emulator = process.env['FIRESTORE_EMULATOR_HOST'] ?? '';
  const proxy = await startGrpcProxy(emulator);
  const clock = new MovableClock(START_MS);
  const project_id = `demo-${randomUUID()}`;
  const start = (emulator_host: string) => {
    const home = { kind: 'firestore', project_id, emulator_host } as const;
    return startServer({ store: 'firestore', doors: DOORS, clock, home });
  };
  const writer = await start(emulator);
  const readers = await Promise.all(Array.from({ length: instances }, () => start(proxy.host)));
  for (const { suite } of readers) await proxy.lead(async () => suite.backend());
  await writer.seed.tenant('acme');
  const furnished: Furnished[] = [];
  for (let n = 0; n < devices; n += 1) furnished.push(await furnish(writer, INTERVALS_MS[n % 2] ?? MINUTE_MS));
  const viewer = await writer.signIn(await writer.seed.user({ tenant_id: 'acme' }));
  return new DashboardFleet({ proxy, writer, readers, devices: furnished, viewer });
}

export class DashboardFleet {
  readonly #parts: FleetParts;

  constructor(parts: FleetParts) {
    this.#parts = parts;
  }

  get device_ids(): readonly string[] {
    return this.#parts.devices.map(({ device }) => device.device_id);
  }

  /** Polls every path every five seconds, each time at any of the instances. */
  async poll(paths: readonly string[], for_ms: number): Promise<DashboardPage> {
    const { proxy, readers, viewer, writer } = this.#parts;
    const { clock } = writer;
    const random = seededRandom(7);
    const callers = readers.map(({ client }) => new Caller(client, viewer.headers));
    const page = new DashboardPage(clock, () => {
      const caller = callers[Math.floor(random() * callers.length)];
      assert.ok(caller !== undefined);
      return caller;
    });
    proxy.counts.reset();
    for (let tick = 0; clock.now_ms() < START_MS + for_ms; tick += 1) {
      await this.#post(page);
      if (!isQuiet(clock.now_ms()) || tick % 3 === 0) await Promise.all(paths.map((path) => page.poll(path)));
      page.look();
      clock.advance(POLL_MS);
    }
    assert.equal(page.reads, proxy.counts.reads, 'what the answers say is what Firestore was asked for');
    return page;
  }

  async close(): Promise<void> {
    const { proxy, writer, readers } = this.#parts;
    await Promise.all([writer, ...readers].map((server) => server.close()));
    await proxy.close();
  }

  /** Every device posts once a minute, each at its own second. */
  async #post(page: DashboardPage): Promise<void> {
    const { devices, writer } = this.#parts;
    const now_ms = writer.clock.now_ms();
    const turn = (now_ms % MINUTE_MS) / POLL_MS;
    const due = devices.filter((_, n) => n % (MINUTE_MS / POLL_MS) === turn);
    for (const { device, interval_ms } of due) {
      const points = Array.from({ length: MINUTE_MS / interval_ms }, (_, n) => ({
        timestamp_ms: now_ms - n * interval_ms,
        metrics: { n },
      }));
      const answer = await postPoints(writer.device(device), device.device_id, points);
      assert.equal(answer.status, 200, answer.text);
      page.posted(device.device_id, now_ms);
    }
  }
}
