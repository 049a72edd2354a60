/** What a moved box answers while Firestore fails, lies or lacks its index: what its own file knows. */
import assert from 'node:assert/strict';
import { Allowance } from '@bas/core/budgets/allowance';
import { DASHBOARD_READS_PER_MINUTE } from '@bas/core/budgets/dashboard-reads';
import { Dashboard } from '@bas/core/budgets/dashboards';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@bas/core/clock';
import { MAX_POINTS } from '@bas/core/stores/newest-points';
import type { Device } from '@bas/core/model/entities';
import type { Point } from '@bas/core/model/point';
import { Meter } from '@bas/core/observability/meter';
import { emulatorHost } from '@bas/core/stores/firestore/harness';
import { ACME, anEvent, incoming, NOW_MS, series } from '@bas/core/stores/suite/fixtures';
import type { Fault } from './support/grpc-faults.ts';
import { startGrpcProxy, type GrpcProxy } from './support/grpc-proxy.ts';
import { MovableClock } from './support/movable-clock.ts';
import {
  deliveryOf,
  furnish,
  move,
  moveTelemetry,
  openMovingBox,
  post,
  tenantOf,
  walk,
  type MovingBox,
} from './support/moving-box.ts';

const POINTS = 240;
const INDEX: Fault = {
  kind: 'status',
  status: 'FAILED_PRECONDITION',
  message: 'The query requires an index. That index is currently building and cannot be used yet.',
};

describe('a moved box whose Firestore fails', function () {
  this.timeout(60_000);
  let clock: MovableClock;
  let proxy: GrpcProxy;
  let box: MovingBox;
  let device: Device;
  let stored: readonly Point[];

  beforeEach(async () => {
    clock = new MovableClock(NOW_MS);
    proxy = await startGrpcProxy(emulatorHost());
    box = await proxy.lead(() => openMovingBox({ host: proxy.host, clock }));
    [device = assert.fail()] = await furnish(box, 1);
    for (let at = 0; at < POINTS; at += 100) {
      const points = series(NOW_MS - (at + 100) * HOUR_MS, HOUR_MS, 100);
      await post(box, device, points, { now_ms: NOW_MS + at * MINUTE_MS });
    }
    await moveTelemetry(box, 'firestore');
    stored = (await box.sqlite.points(ACME, device.device_id)).toReversed();
    proxy.counts.reset();
  });
  afterEach(async () => {
    proxy.rules.clear();
    await box.close();
    await proxy.close();
  });

  /** Everything, by a walk that memory cannot answer. */
  const everything = (meter = new Meter()) => walk(box, device, { now_ms: NOW_MS, expected: MAX_POINTS + 1, meter });

  it('reads from Firestore while all is well', async () => {
    const meter = new Meter();
    assert.deepEqual(await everything(meter), stored);
    assert(meter.reads >= POINTS / 6, String(meter.reads));
    assert.equal(proxy.counts.reads, meter.reads);
  });

  it('goes on from its file where the read budget of a dashboard is used up', async () => {
    const dashboard = new Dashboard();
    dashboard.ledger.book(NOW_MS, DASHBOARD_READS_PER_MINUTE - 10);
    const metered = (): Meter => {
      const meter = new Meter();
      meter.allowance = new Allowance(dashboard, NOW_MS);
      meter.allowance.ask({ question: 'q', device_ids: [device.device_id], held_ms: null });
      meter.allowance.admit();
      return meter;
    };
    const some = metered();
    assert.deepEqual(await everything(some), stored);
    assert(some.reads > 0 && some.reads <= 10, String(some.reads));
    some.allowance?.settle();
    const none = metered();
    assert.deepEqual(await everything(none), stored);
    assert.equal(none.reads, 0);
    assert.equal(proxy.counts.reads, some.reads);
  });

  const failures: Readonly<Record<string, Fault>> = {
    'stops answering': { kind: 'status', status: 'UNAVAILABLE', message: 'gone' },
    'breaks the connection': { kind: 'cut' },
    'takes too long': { kind: 'delay', delay_ms: 30_000 },
    refuses: { kind: 'status', status: 'PERMISSION_DENIED', message: 'no' },
    'loses its index': INDEX,
    'answers with a document of another tenant': { kind: 'forged', from: '\u0004acme', to: '\u0004evil' },
  };
  for (const [what, fault] of Object.entries(failures)) {
    it(`goes on from its file, without a gap or a point twice, when Firestore ${what} in the middle of a walk`, async () => {
      const { telemetry } = await tenantOf(box);
      const range = { start_ms: 0, end_ms: NOW_MS };
      const points: Point[] = [];
      for await (const chunk of telemetry.scan(device, range, { expected: 10, now_ms: NOW_MS })) {
        if (points.length === 0) {
          assert(proxy.counts.reads > 0 && chunk.length < stored.length / 2);
          proxy.rules.add({ fault, method: 'RunQuery' });
        }
        points.push(...chunk);
      }
      assert.deepEqual(
        points,
        stored.filter(({ timestamp_ms }) => timestamp_ms < NOW_MS),
      );
      assert(proxy.rules.next('RunQuery', Buffer.from('')) !== undefined);
      proxy.rules.clear();
      assert.deepEqual(await everything(), stored);
      clock.advance(20 * SECOND_MS);
      const meter = new Meter();
      assert.deepEqual(await everything(meter), stored);
      assert(meter.reads > 0, 'it did not come back to Firestore');
    });
  }

  it('answers from its file while the index is not ready, asks seldom, and tells of it once', async () => {
    await move(box, 'audit');
    await deliveryOf(box).everything();
    proxy.counts.reset();
    const rule = proxy.rules.add({ fault: INDEX, method: 'RunQuery' });
    for (let n = 0; n < 100; n += 1) assert.deepEqual(await everything(), stored);
    assert.equal(rule.hits, 1);
    clock.advance(15 * SECOND_MS);
    for (let n = 0; n < 20; n += 1) assert.equal((await everything()).length, stored.length);
    assert.equal(rule.hits, 2);
    clock.advance(30 * MINUTE_MS);
    await Promise.all(Array.from({ length: 20 }, () => everything()));
    assert.equal(rule.hits, 3);
    const told = (await box.sqlite.auditEvents('system')).filter(({ action }) => action === 'gate.change');
    assert.equal(told.length, 1);
    assert.match(told[0]?.detail ?? '', /index of Firestore is missing or still being built; reads come from SQLite/);
  });

  it('answers from its file while Firestore refuses its account, and audits that once', async () => {
    const rule = proxy.rules.add({ fault: { kind: 'status', status: 'PERMISSION_DENIED', message: 'no' } });
    for (let n = 0; n < 20; n += 1) assert.deepEqual(await everything(), stored);
    assert.equal(rule.hits, 1);
    clock.advance(15 * SECOND_MS);
    for (let n = 0; n < 20; n += 1) assert.equal((await everything()).length, stored.length);
    assert.equal(rule.hits, 2);
    const told = (await box.sqlite.auditEvents('system')).filter(({ action }) => action === 'gate.change');
    assert.deepEqual(
      told.map(({ detail }) => detail),
      ['Firestore refuses this process: its account, its credentials or its database'],
    );
  });

  it('answers what is not delivered from its file, and never misses it', async () => {
    const newer = NOW_MS + 1;
    await post(box, device, incoming([newer, { fresh: 1 }]), { now_ms: NOW_MS + DAY_MS });
    await post(box, device, incoming([NOW_MS - 50 * HOUR_MS - 1, { late: 1 }]), {
      now_ms: NOW_MS + DAY_MS + MINUTE_MS,
    });
    const now = (await box.sqlite.points(ACME, device.device_id)).toReversed();
    assert.equal(now.length, stored.length + 2);
    assert.deepEqual(await everything(), now);
    for (const expected of [1, 2, 50, MAX_POINTS]) {
      assert.deepEqual(
        (await walk(box, device, { now_ms: NOW_MS, expected })).slice(0, expected),
        now.slice(0, expected),
      );
    }
    await deliveryOf(box).everything();
    assert.deepEqual(await everything(), now);
  });

  it('answers events and people from its file too', async () => {
    await move(box, 'audit');
    await move(box, 'auth');
    await deliveryOf(box).everything();
    const { audit, users } = await tenantOf(box);
    await audit.append(anEvent());
    const events = () => audit.query({ start_ms: 0, end_ms: NOW_MS * 2 }, { limit: 100 });
    const before = await events();
    assert.equal(before.length, 2);
    proxy.rules.add({ fault: failures['refuses'] ?? INDEX });
    assert.deepEqual(await events(), before);
    assert.deepEqual(await users.list({ limit: 10 }), []);
    assert.equal(await users.findByUsername('ada'), null);
  });
});
