/** A dashboard never reads more than 50 documents a minute, however it polls and however many instances answer. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { MINUTE_MS, SECOND_MS } from '@bas/core/clock';
import { DASHBOARD_READS_PER_MINUTE } from '@bas/core/budgets/dashboard-reads';
import ingestTelemetry from '../src/https/ingest-telemetry.ts';
import latestTelemetry from '../src/https/latest-telemetry.ts';
import recentTelemetry from '../src/https/recent-telemetry.ts';
import { Caller } from './support/client.ts';
import { DashboardPage } from './support/dashboard-page.ts';
import { seededRandom } from './support/grpc-faults.ts';
import { startGrpcProxy, type GrpcProxy } from './support/grpc-proxy.ts';
import { MovableClock } from './support/movable-clock.ts';
import type { SeededDevice } from './support/seed.ts';
import { startServer, type Browser, type TestServer } from './support/server.ts';
import { postPoints } from './support/telemetry.ts';

const DEVICES = 20;
const POLL_MS = 5 * SECOND_MS;
const FOR_MS = 70 * MINUTE_MS;
/** Half of the devices begin a new bucket every hour, the others every six: at 06:00 all of them do. */
const INTERVALS_MS = [10 * SECOND_MS, MINUTE_MS];
const START_MS = Date.UTC(2025, 2, 3, 5, 25);
const FULL_HOUR_MS = Date.UTC(2025, 2, 3, 6);

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

interface Fleet {
  readonly devices: readonly Furnished[];
  readonly writer: TestServer;
  readonly readers: readonly TestServer[];
  readonly viewer: Browser;
  readonly clock: MovableClock;
}

describe('the read budget of a dashboard of 20 devices', function () {
  this.timeout(240_000);
  const servers: TestServer[] = [];
  let proxy: GrpcProxy;
  before(async () => {
    proxy = await startGrpcProxy(process.env['FIRESTORE_EMULATOR_HOST'] ?? '');
  });
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));
  after(() => proxy.close());

  /** Devices post to an instance of their own, so that what the others read is all the dashboard's. */
  async function open(instances: number): Promise<Fleet> {
    const clock = new MovableClock(START_MS);
    const project_id = `demo-${randomUUID()}`;
    const start = async (emulator_host = process.env['FIRESTORE_EMULATOR_HOST'] ?? '') => {
      const home = { kind: 'firestore', project_id, emulator_host } as const;
      const doors = [ingestTelemetry, recentTelemetry, latestTelemetry];
      const server = await startServer({ store: 'firestore', doors, clock, home });
      servers.push(server);
      return server;
    };
    const writer = await start();
    const readers = await Promise.all(Array.from({ length: instances }, () => start(proxy.host)));
    for (const { suite } of readers) await proxy.lead(async () => suite.backend());
    await writer.seed.tenant('acme');
    const devices: Furnished[] = [];
    for (let n = 0; n < DEVICES; n += 1) devices.push(await furnish(writer, INTERVALS_MS[n % 2] ?? MINUTE_MS));
    const viewer = await writer.signIn(await writer.seed.user({ tenant_id: 'acme' }));
    return { devices, writer, readers, viewer, clock };
  }

  /** Every device posts once a minute, each at its own second. */
  async function post({ devices, writer, clock }: Fleet, page: DashboardPage): Promise<void> {
    const now_ms = clock.now_ms();
    const turn = (now_ms % MINUTE_MS) / POLL_MS;
    const due = devices.filter((_, n) => n % (MINUTE_MS / POLL_MS) === turn);
    for (const { device, interval_ms } of due) {
      const count = MINUTE_MS / interval_ms;
      const points = Array.from({ length: count }, (_, n) => ({
        timestamp_ms: now_ms - n * interval_ms,
        metrics: { n },
      }));
      const answer = await postPoints(writer.device(device), device.device_id, points);
      assert.equal(answer.status, 200, answer.text);
      page.posted(device.device_id, now_ms);
    }
  }

  async function simulate(fleet: Fleet, paths: readonly string[]): Promise<DashboardPage> {
    const random = seededRandom(7);
    const callers = fleet.readers.map(({ client }) => new Caller(client, fleet.viewer.headers));
    const page = new DashboardPage(fleet.clock, () => {
      const caller = callers[Math.floor(random() * callers.length)];
      assert.ok(caller !== undefined);
      return caller;
    });
    proxy.counts.reset();
    for (let tick = 0; fleet.clock.now_ms() < START_MS + FOR_MS; tick += 1) {
      await post(fleet, page);
      if (!isQuiet(fleet.clock.now_ms()) || tick % 3 === 0) await Promise.all(paths.map((path) => page.poll(path)));
      page.look();
      fleet.clock.advance(POLL_MS);
    }
    return page;
  }

  const pages: readonly (readonly [string, (ids: readonly string[]) => readonly string[]])[] = [
    ['a chart of 100 points each', (ids) => ids.map((id) => `/v1/telemetry/recent?device_id=${id}&limit=100`)],
    ['one question for all of them', (ids) => [`/v1/telemetry/latest?device_ids=${ids.join(',')}&points=30`]],
  ];
  for (const [what, pathsFor] of pages) {
    for (const instances of [1, 2]) {
      it(`is kept for 70 minutes by ${what}, with ${instances} instance${instances === 1 ? '' : 's'}`, async () => {
        const fleet = await open(instances);
        const page = await simulate(fleet, pathsFor(fleet.devices.map(({ device }) => device.device_id)));
        assert.ok(page.worstMinute() <= DASHBOARD_READS_PER_MINUTE, `${page.worstMinute()} reads in a minute`);
        assert.equal(page.reads, proxy.counts.reads, 'what the answers say is what Firestore was asked for');
        assert.deepEqual(
          [...page.statuses.keys()].filter((status) => status !== 200 && status !== 304),
          [],
        );
        assert.deepEqual(page.broken_promises, []);
        assert.ok(page.worst_late_ms <= 4 * MINUTE_MS, `a point was shown after ${page.worst_late_ms} ms`);
      });
    }
  }
});
