/** What a question may read is bounded by what is left: shorter pages first, and 429 only when nothing can be answered. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MINUTE_MS, SECOND_MS } from '@bas/core/clock';
import { DASHBOARD_READS_PER_MINUTE } from '@bas/core/budgets/dashboard-reads';
import devicesDoor from '../src/https/devices.ts';
import ingestTelemetry from '../src/https/ingest-telemetry.ts';
import latestTelemetry from '../src/https/latest-telemetry.ts';
import recentTelemetry from '../src/https/recent-telemetry.ts';
import windowTelemetry from '../src/https/window-telemetry.ts';
import { Caller, type Answer } from './support/client.ts';
import { openFleet, type DashboardFleet } from './support/dashboard-fleet.ts';
import type { SeededDevice } from './support/seed.ts';
import { startServer, type Browser, type StoreName, type TestServer } from './support/server.ts';
import { averages, pageOf, postPoints, type SentPoint } from './support/telemetry.ts';

/** A device that reports every five seconds has buckets of ten minutes: a point in each is a read each. */
const BUCKETS = 90;
const BUCKET_MS = 10 * MINUTE_MS;
const DOORS = [ingestTelemetry, recentTelemetry, windowTelemetry, latestTelemetry, devicesDoor];

const readsOf = (answer: Answer): number => Number(answer.headers['x-read-count'] ?? 0);

describe('what the read budget leaves', function () {
  this.timeout(60_000);
  const servers: TestServer[] = [];
  let points: readonly SentPoint[];
  let device: SeededDevice;
  let viewer: Browser;
  let first: TestServer;

  async function prepare(store: StoreName): Promise<void> {
    first = await startServer({ store, doors: DOORS });
    servers.push(first);
    await first.seed.tenant('acme');
    device = await first.seed.device({ tenant_id: 'acme', device_id: 'long', expected_interval_ms: 5 * SECOND_MS });
    const now_ms = first.clock.now_ms();
    points = Array.from({ length: BUCKETS }, (_, n) => ({
      timestamp_ms: now_ms - n * BUCKET_MS,
      metrics: { t: n % 7 },
    }));
    for (let at = 0; at < BUCKETS; at += 30) {
      const answer = await postPoints(first.device(device), 'long', points.slice(at, at + 30));
      assert.equal(answer.status, 200, answer.text);
    }
    viewer = await first.signIn(await first.seed.user({ tenant_id: 'acme', role: 'admin' }));
  }

  /** An instance that remembers nothing, and has read nothing for anybody. */
  async function another(): Promise<Caller> {
    const { clock, suite } = first;
    const server = await startServer({ store: 'firestore', doors: DOORS, clock, home: suite.config.home });
    servers.push(server);
    return new Caller(server.client, viewer.headers);
  }

  const window = (rest: string): string => {
    const now_ms = points[0]?.timestamp_ms ?? 0;
    return `/v1/telemetry/window?device_id=long&start_ms=${now_ms - BUCKETS * BUCKET_MS}&end_ms=${now_ms + 1}${rest}`;
  };

  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

  /** Follows the cursors; waits as long as it is told to when it must. */
  async function follow(caller: Caller, path: string) {
    const seen: SentPoint[] = [];
    const log: { at_ms: number; reads: number }[] = [];
    let [cursor, refused, short]: [string | null, number, number] = ['', 0, 0];
    while (cursor !== null) {
      const answer = await caller.get(cursor === '' ? path : `${path}&cursor=${encodeURIComponent(cursor)}`);
      log.push({ at_ms: first.clock.now_ms(), reads: readsOf(answer) });
      if (answer.status === 429) {
        refused += 1;
        assert.ok(refused < 20, 'waiting as long as told does not help');
        first.clock.advance(Number(answer.headers['retry-after']) * SECOND_MS);
        continue;
      }
      const page = pageOf(answer);
      if (page.next_cursor !== null && page.points.length === 0) short += 1;
      seen.push(...page.points);
      cursor = page.next_cursor;
    }
    const minute = (from_ms: number): number =>
      log
        .filter(({ at_ms }) => at_ms >= from_ms && at_ms < from_ms + MINUTE_MS)
        .reduce((sum, { reads }) => sum + reads, 0);
    return { seen, refused, short, worst: Math.max(...log.map(({ at_ms }) => minute(at_ms))) };
  }

  it('pages that end early neither repeat nor skip, and 429 says truly when to go on', async () => {
    await prepare('firestore');
    let refusals = 0;
    const Limit = fc.integer({ min: 1, max: 200 });
    const Interval = fc.option(fc.integer({ min: 1, max: 180 }).map((minutes) => minutes * MINUTE_MS));
    await fc.assert(
      fc.asyncProperty(Limit, Interval, async (limit, interval_ms) => {
        const aggregated = interval_ms === null ? '' : `&aggregate=avg&interval_ms=${interval_ms}`;
        const all = await follow(await another(), window(`&limit=${limit}${aggregated}`));
        assert.deepEqual(all.seen, interval_ms === null ? points : averages(points, interval_ms));
        assert.ok(all.worst <= DASHBOARD_READS_PER_MINUTE, `${all.worst} reads in a minute`);
        refusals += all.refused;
      }),
      {
        numRuns: 8,
        examples: [
          [200, null],
          [200, 180 * MINUTE_MS],
        ],
      },
    );
    assert.ok(refusals > 0);
  });

  it('serves what is remembered, refuses what is not, and never what is no telemetry', async () => {
    await prepare('firestore');
    const [known, unknown] = await Promise.all(
      ['known', 'unknown'].map((id) => first.seed.device({ tenant_id: 'acme', device_id: id })),
    );
    assert.ok(known !== undefined && unknown !== undefined);
    for (const one of [known, unknown]) {
      await postPoints(first.device(one), one.device_id, [{ timestamp_ms: first.clock.now_ms(), metrics: { t: 1 } }]);
    }
    const caller = await another();
    const looked = await caller.get('/v1/telemetry/recent?device_id=known');
    const cut = await caller.get(window('&limit=1000'));
    assert.ok(pageOf(cut).next_cursor !== null && readsOf(cut) < DASHBOARD_READS_PER_MINUTE);

    const refused = await caller.get('/v1/telemetry/recent?device_id=unknown');
    assert.deepEqual([refused.status, refused.code, readsOf(refused)], [429, 'read_budget', 0]);
    assert.equal(refused.member('limit'), DASHBOARD_READS_PER_MINUTE);
    const reset_ms = Number(refused.member('reset_ms'));
    const retry_ms = Number(refused.headers['retry-after']) * SECOND_MS;
    assert.ok(retry_ms >= reset_ms - first.clock.now_ms() && retry_ms <= MINUTE_MS);

    first.clock.advance(20 * SECOND_MS);
    const stale = await caller.get('/v1/telemetry/recent?device_id=known');
    assert.deepEqual([stale.status, stale.text, readsOf(stale)], [200, looked.text, 0]);
    assert.equal(stale.headers.age, '20');
    assert.equal(Number(stale.headers['x-fresh-for']), 40, 'until the budget allows a look');
    first.clock.advance(6 * SECOND_MS);
    const headers = { 'if-none-match': looked.headers.etag ?? '' };
    const held = await caller.get('/v1/telemetry/recent?device_id=known', { headers });
    assert.deepEqual([held.status, readsOf(held)], [304, 0]);
    assert.equal((await caller.get('/v1/devices')).status, 200);

    first.clock.advance(retry_ms - 26 * SECOND_MS);
    assert.equal((await caller.get('/v1/telemetry/recent?device_id=unknown')).status, 200);
  });

  it('of many devices at once: one question is answered whole, and what it took beyond is owed', async () => {
    await prepare('firestore');
    const ids = Array.from({ length: 40 }, (_, n) => `d${n}`);
    await Promise.all(ids.map((device_id) => first.seed.device({ tenant_id: 'acme', device_id })));
    const caller = await another();
    const whole = await caller.get(`/v1/telemetry/latest?device_ids=${ids.join(',')}`);
    assert.equal(whole.status, 200);
    assert.ok(readsOf(whole) > 80 && readsOf(whole) < 84, 'a device and a bucket each, and who asks');
    assert.ok(Number(whole.headers['x-fresh-for']) >= 120);
    for (const wait_ms of [0, MINUTE_MS - 1]) {
      first.clock.advance(wait_ms);
      const refused = await caller.get('/v1/telemetry/recent?device_id=long');
      assert.deepEqual([refused.status, wait_ms], [429, wait_ms]);
    }
    first.clock.advance(1);
    assert.equal((await caller.get('/v1/telemetry/recent?device_id=long')).status, 200, 'some thirty were owed');
  });

  it('nothing is cut or delayed on SQLite, where reads cost nothing', async () => {
    await prepare('sqlite');
    for (let n = 0; n < 60; n += 1) {
      const answer = await viewer.get(window('&limit=1000'));
      assert.equal(pageOf(answer).points.length, BUCKETS);
      assert.deepEqual([answer.headers['x-fresh-for'], readsOf(answer)], ['0', 0]);
    }
  });
});

describe('the read budget of a page that asks for the same ten devices in two ways', function () {
  this.timeout(120_000);
  let fleet: DashboardFleet;
  afterEach(() => fleet.close());

  for (const instances of [1, 2]) {
    it(`is kept over a full hour, with ${instances} instance${instances === 1 ? '' : 's'}`, async () => {
      fleet = await openFleet(10, instances);
      const charts = fleet.device_ids.map((id) => `/v1/telemetry/recent?device_id=${id}&limit=100`);
      const overview = `/v1/telemetry/latest?device_ids=${fleet.device_ids.join(',')}&points=1`;
      const page = await fleet.poll([...charts, overview], 50 * MINUTE_MS);
      // What two instances read for an opening neither of them knows.
      const worst = page.worstMinute(instances === 1 ? page.opened_ms : page.opened_ms + MINUTE_MS);
      assert.ok(worst <= DASHBOARD_READS_PER_MINUTE, `${worst} reads in a minute`);
      assert.deepEqual(page.failures, []);
      assert.deepEqual(page.broken_promises, []);
      assert.ok(page.worst_late_ms <= 4 * MINUTE_MS, `a point was shown after ${page.worst_late_ms} ms`);
    });
  }
});
