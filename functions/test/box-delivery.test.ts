/** What delivery puts into Firestore, and what it must never put there. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { DAY_MS, MINUTE_MS } from '@bas/core/clock';
import { Delivery } from '@bas/core/cutover/deliver';
import { DeliveryLoop, DeliveryState } from '@bas/core/cutover/delivery-loop';
import type { Device } from '@bas/core/model/entities';
import type { BucketSnapshot, JournaledRow } from '@bas/core/stores/journal';
import { connectWitness, emulatorHost } from '@bas/core/stores/firestore/harness';
import { ACME, NOW_MS, anEvent, aUser, incoming, series } from '@bas/core/stores/suite/fixtures';
import { startGrpcProxy } from './support/grpc-proxy.ts';
import { MovableClock } from './support/movable-clock.ts';
import {
  assertSamePoints,
  deliveryOf,
  furnish,
  mirrorWith,
  move,
  moveTelemetry,
  openMovingBox,
  post,
  tenantOf,
  until,
  type MovingBox,
} from './support/moving-box.ts';

describe('delivery of a box', function () {
  this.timeout(60_000);
  let clock: MovableClock;
  let box: MovingBox;
  let device: Device;
  let devices: readonly Device[];

  beforeEach(async () => {
    clock = new MovableClock(NOW_MS);
    box = await openMovingBox({ clock });
    devices = await furnish(box, 3);
    device = devices[0] ?? assert.fail();
  });
  afterEach(() => box.close());

  const put = async (value: number, overwrite = true) => {
    clock.advance(MINUTE_MS);
    const points = incoming([NOW_MS, { value }]);
    await post(box, device, points, { now_ms: clock.now_ms(), overwrite });
  };
  const stored = async () => (await box.firestore.points(ACME, device.device_id)).map(({ metrics }) => metrics);

  describe('a deliverer that was held up', () => {
    /** Delivers the device's one bucket, stopping after what it delivers was read; `meanwhile` another overtakes it. */
    const overtaken = async (meanwhile: () => Promise<void>): Promise<void> => {
      const { journal, mirror } = box.parts;
      const [bucket = assert.fail()] = await journal.dirtyBuckets(device, 0, 1);
      let held: BucketSnapshot | null = null;
      const done = await mirror.putBucket(async () => {
        const snapshot = await journal.snapshot(bucket);
        if (held === null) {
          held = snapshot;
          await meanwhile();
        }
        return held === snapshot ? held : snapshot;
      });
      assert(done !== null);
      await journal.delivered(bucket, done.version, done.update);
    };

    it('does not put old values over newer ones in a bucket that was new', async () => {
      await move(box, 'telemetry');
      await put(1);
      await overtaken(async () => {
        await put(2);
        await deliveryOf(box, 0, 'another').everything();
        assert.deepEqual(await stored(), ['{"value":2}']);
      });
      assert.deepEqual(await stored(), ['{"value":2}']);
      assert.equal((await box.parts.journal.state()).dirty.buckets, 0);
    });

    it('does not put old values over newer ones in a bucket that was there', async () => {
      await put(0);
      await moveTelemetry(box, 'dual');
      await put(1);
      await overtaken(async () => {
        await put(2);
        await deliveryOf(box, 0, 'another').everything();
      });
      assert.deepEqual(await stored(), ['{"value":2}']);
      await put(3);
      await deliveryOf(box).everything();
      assert.deepEqual(await stored(), ['{"value":3}']);
    });

    it('does not revive a user who was disabled meanwhile', async () => {
      const { users } = await tenantOf(box);
      const user = aUser();
      await users.create(user, anEvent());
      await moveTelemetry(box, 'dual');
      const { journal, mirror } = box.parts;
      const read = async (): Promise<readonly JournaledRow[]> =>
        (await journal.marked(['user'], { rows: 10, bytes: 10_000 })).flatMap(({ found }) => found ?? []);
      const early = await read();
      assert.equal(early.length, 1);
      let asked = 0;
      await mirror.putRows(early, async () => {
        asked += 1;
        if (asked > 1) return read();
        const rows = await read();
        await users.update(user.user_id, { disabled: true }, anEvent());
        await mirror.putRows(await read(), read);
        return rows;
      });
      assert.equal(asked, 2);
      assert.deepEqual(
        (await box.firestore.users(ACME)).map(({ disabled }) => disabled),
        [true],
      );
    });
  });

  it('writes once for many posts', async () => {
    await moveTelemetry(box, 'dual');
    for (let n = 0; n < 20; n += 1) await post(box, device, incoming([NOW_MS + n, { n }]), { now_ms: minute(n) });
    const pass = await deliveryOf(box, 5).pass();
    assert.deepEqual([pass.state, pass.buckets], ['delivered', 1]);
    await assertSamePoints(box, devices, 20);
  });

  it('keeps the rate of each device, and lets the others have their turn', async () => {
    const [first = assert.fail(), second = assert.fail()] = devices;
    await moveTelemetry(box, 'dual');
    const delivery = deliveryOf(box, 5);
    for (const one of [first, second]) {
      await post(box, one, daily(3), { now_ms: clock.now_ms() });
    }
    const passes: number[] = [];
    for (let second_of = 0; second_of < 60; second_of += 1) {
      passes.push((await delivery.pass()).buckets);
      clock.advance(1_000);
    }
    assert.equal(
      passes.reduce((sum, n) => sum + n),
      6,
    );
    assert.deepEqual(
      passes.flatMap((n, at) => (n > 0 ? [[at, n]] : [])),
      [
        [0, 2],
        [12, 2],
        [24, 2],
      ],
    );
    await assertSamePoints(box, devices, 6);
  });

  it('knows no rate with 0, but only before reads have moved', async () => {
    await moveTelemetry(box, 'dual');
    await post(box, device, daily(5), { now_ms: clock.now_ms() });
    const delivery = deliveryOf(box, 0);
    assert.equal((await delivery.pass()).buckets, 5);
    await move(box, 'telemetry');
    await post(box, device, incoming(...daily(5).map((p) => [p.timestamp_ms + 1, { n: 1 }] as const)), {
      now_ms: minute(1),
    });
    assert.equal((await delivery.pass()).buckets, 1);
    clock.advance(11_999);
    assert.equal((await delivery.pass()).buckets, 0);
    clock.advance(1);
    assert.equal((await delivery.pass()).buckets, 1);
  });

  it('stops in the middle when another process has taken over', async () => {
    await moveTelemetry(box, 'dual');
    await post(box, device, daily(20), { now_ms: clock.now_ms() });
    const { journal, mirror } = box.parts;
    const slow = mirrorWith(mirror, {
      putBucket: async (read) => {
        clock.advance(MINUTE_MS);
        assert(await journal.lease('delivery', 'another', clock.now_ms(), MINUTE_MS));
        return mirror.putBucket(read);
      },
    });
    const overtaken = new Delivery({ journal, mirror: slow, clock, holder: 'test', rate: 0 });
    const { buckets } = await overtaken.pass();
    assert(buckets > 0 && buckets < 20, `${String(buckets)} buckets`);
    assert.equal((await overtaken.pass()).state, 'elsewhere');
  });

  it('puts back what somebody deleted or changed by hand, and keeps what only Firestore has', async () => {
    await post(box, device, daily(3), { now_ms: clock.now_ms() });
    await moveTelemetry(box, 'dual');
    const documents = await bucketDocuments(box);
    assert.equal(documents.length, 3);
    await documents[0]?.delete();
    const [, changed, extra] = documents;
    const offset = Object.keys(((await changed?.get())?.get('points') ?? {}) as object)[0] ?? assert.fail();
    await changed?.update({ [`points.${offset}`]: '{"value":-1}' });
    await extra?.update({ 'points.7': '{"extra":1}' });
    for (const bucket of await box.parts.journal.buckets(EVERYTHING)) await box.parts.journal.undelivered(bucket);
    await deliveryOf(box).everything();
    const ours = await box.sqlite.points(ACME, device.device_id);
    const theirs = await box.firestore.points(ACME, device.device_id);
    assert.deepEqual(
      theirs.filter(({ metrics }) => metrics !== '{"extra":1}'),
      ours,
    );
    assert.equal(theirs.length, ours.length + 1);
    assert.equal((await box.parts.journal.state()).dirty.buckets, 0);
  });

  it('delivers devices and keys as they are, and people only once their move was asked for', async () => {
    const { devices: ours, users } = await tenantOf(box);
    await users.create(aUser(), anEvent());
    await moveTelemetry(box, 'dual');
    await ours.update(device.device_id, { name: 'Renamed' }, NOW_MS, anEvent());
    const [key] = await box.sqlite.keys(ACME, device.device_id);
    await ours.revokeKey(device.device_id, key?.key_id ?? '', anEvent());
    assert.equal((await box.parts.journal.state()).dirty.rows.key, 1);
    await deliveryOf(box).pass();
    assert.equal((await box.firestore.device(ACME, device.device_id))?.name, 'Renamed');
    for (const { device_id } of devices) {
      assert.deepEqual(await box.firestore.device(ACME, device_id), await box.sqlite.device(ACME, device_id));
      assert.deepEqual(await box.firestore.keys(ACME, device_id), await box.sqlite.keys(ACME, device_id));
    }
    assert.deepEqual(await box.firestore.tenant(ACME), await box.sqlite.tenant(ACME));
    assert.deepEqual(await box.firestore.users(ACME), []);
    assert.equal((await box.parts.journal.state()).dirty.rows.user, 1);
  });

  it('leaves what has expired behind', async () => {
    await post(box, device, daily(2), { now_ms: clock.now_ms() });
    await move(box, 'telemetry');
    box.db.exec('DELETE FROM telemetry');
    await deliveryOf(box).everything();
    assert.deepEqual(await box.firestore.buckets(ACME, device.device_id), []);
    assert.equal((await box.parts.journal.state()).dirty.buckets, 0);
  });

  describe('with Firestore away', () => {
    it('asks ever more seldom, says so once, and goes on by itself', async () => {
      const logged: string[] = [];
      const logger = {
        log: (severity: string, message: string) => {
          if (message.startsWith('delivery')) logged.push(`${severity} ${message}`);
        },
      };
      const proxy = await startGrpcProxy(emulatorHost());
      const away = await proxy.lead(() => openMovingBox({ of: box, host: proxy.host, clock, logger }));
      await moveTelemetry(box, 'dual');
      await post(box, device, daily(3), { now_ms: clock.now_ms() });
      proxy.rules.add({ fault: { kind: 'status', status: 'UNAVAILABLE', message: 'gone' } });
      const { journal } = away.parts;
      const loop = new DeliveryLoop({ delivery: deliveryOf(away, 5, 'loop'), journal, clock, logger });
      try {
        await until(() => logged.length > 0);
        proxy.counts.reset();
        await sleep(4_000);
        assert(proxy.counts.calls() <= 5, `${String(proxy.counts.calls())} calls`);
        assert.deepEqual(logged, ['WARNING delivery to Firestore waits']);
        assert.notEqual(DeliveryState.parse(await journal.load('delivery')).failing_since_ms, null);
        proxy.rules.clear();
        await until(async () => {
          clock.advance(12_000);
          await sleep(200);
          return (await journal.state()).dirty.buckets === 0;
        });
        assert.deepEqual(logged.slice(1), ['INFO delivery to Firestore goes on']);
        await assertSamePoints(box, devices, 3);
      } finally {
        await loop.stop();
        await away.close();
        await proxy.close();
      }
    });
  });

  const minute = (n: number) => clock.now_ms() + n * MINUTE_MS;
  /** A point in each of so many buckets. */
  const daily = (count: number) => series(NOW_MS - count * DAY_MS, DAY_MS, count);
});

const EVERYTHING = { after: null, since_ms: 0, changed_only: false, limit: 100 };

async function bucketDocuments({ project_id }: MovingBox) {
  const { docs } = await connectWitness(project_id).collection('telemetry').get();
  return docs.map(({ ref }) => ref);
}
