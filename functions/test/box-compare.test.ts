/** What a comparison of both stores finds, and what it does not take for a difference. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@bas/core/clock';
import { compare } from '@bas/core/cutover/compare';
import type { Comparison } from '@bas/core/cutover/comparison';
import { loadProof, prove } from '@bas/core/cutover/proving';
import { repair } from '@bas/core/cutover/repair';
import { BY_COMMAND } from '@bas/core/cutover/events';
import type { Device } from '@bas/core/model/entities';
import type { Journal } from '@bas/core/stores/journal';
import { connectWitness, emulatorHost } from '@bas/core/stores/firestore/harness';
import { ACME, GLOBEX, incoming, NOW_MS, series } from '@bas/core/stores/suite/fixtures';
import { startGrpcProxy } from './support/grpc-proxy.ts';
import { MovableClock } from './support/movable-clock.ts';
import {
  deliveryOf,
  furnish,
  move,
  moveTelemetry,
  openMovingBox,
  post,
  refused,
  type MovingBox,
} from './support/moving-box.ts';

/** Points an hour apart: buckets of an unknown interval are six hours wide. */
const POINTS = 24;
const BUCKETS = 5;
const START_MS = NOW_MS - POINTS * HOUR_MS;

interface Stranger {
  readonly tenant_id: string;
  readonly device_id: string;
  /** How long before the newest bucket. */
  readonly days?: number;
}

describe('a comparison of a box with Firestore', function () {
  this.timeout(60_000);
  const cloud = connectWitness('demo-unused');
  let clock: MovableClock;
  let box: MovingBox;
  let device: Device;
  let client: typeof cloud;

  beforeEach(async () => {
    clock = new MovableClock(NOW_MS);
    box = await openMovingBox({ clock });
    client = connectWitness(box.project_id);
    [device = assert.fail()] = await furnish(box, 1);
    await post(box, device, series(START_MS, HOUR_MS, POINTS), { now_ms: NOW_MS });
    await moveTelemetry(box, 'dual');
  });
  afterEach(async () => {
    await client.terminate();
    await box.close();
  });
  after(() => cloud.terminate());

  const full = async (): Promise<Comparison> => (await prove(box.parts, { full: true, patience_ms: 500 })).comparison;
  const total = ({ days }: Comparison, of: 'buckets' | 'points' | 'equal' | 'different' | 'unsettled') =>
    days.reduce((sum, day) => sum + day[of], 0);
  const documents = async () => (await client.collection('telemetry').orderBy('timestamp_ms').get()).docs;
  /** What the only difference is said to be. */
  const theDifference = (comparison: Comparison) => {
    assert.equal(comparison.differing.length, 1);
    assert.equal(total(comparison, 'different'), 1);
    assert.equal(comparison.differences.length, 1);
    const { tenant_id, device_id, fault, ...rest } = comparison.differences[0] ?? assert.fail();
    assert.deepEqual([tenant_id, device_id, fault], [ACME, 'boiler-1', null]);
    return rest;
  };

  it('finds stores equal, by day, and counts what it reads', async () => {
    const comparison = await full();
    assert.deepEqual(comparison.differing, []);
    assert.deepEqual([total(comparison, 'buckets'), total(comparison, 'equal')], [BUCKETS, BUCKETS]);
    assert.equal(total(comparison, 'points'), POINTS);
    assert.deepEqual(
      comparison.days.map(({ day_ms }) => day_ms),
      [Math.floor(START_MS / DAY_MS) * DAY_MS, Math.floor(NOW_MS / DAY_MS) * DAY_MS],
    );
    // Each bucket to look into it, and each to see that there are no others.
    assert.equal(comparison.reads, 2 * BUCKETS);
  });

  it('says of its reads what Firestore would bill', async () => {
    const proxy = await startGrpcProxy(emulatorHost());
    const metered = await proxy.lead(() => openMovingBox({ of: box, host: proxy.host, clock }));
    try {
      proxy.counts.reset();
      await client.doc('telemetry/a-stranger').set({ ...(await documents())[0]?.data(), device_id: 'unheard-of' });
      const { comparison } = await prove(metered.parts, { full: true });
      assert.equal(comparison.reads, 2 * BUCKETS + 2);
      assert.equal(proxy.counts.reads, comparison.reads);
    } finally {
      await metered.close();
      await proxy.close();
    }
  });

  it('finds and names one value that was changed in Firestore', async () => {
    const [, second] = await documents();
    const [offset = assert.fail()] = Object.keys((second?.get('points') ?? {}) as object);
    await second?.ref.update({ [`points.${offset}`]: '{"value":-7}' });
    const timestamp_ms = Number(second?.get('timestamp_ms')) + Number(offset);
    const value = (timestamp_ms - START_MS) / HOUR_MS;
    const sqlite = `{"value":${String(value)}}`;
    assert.deepEqual(theDifference(await full()), { timestamp_ms, sqlite, firestore: '{"value":-7}' });
  });

  it('finds and names one value that was changed in the file behind its back', async () => {
    const timestamp_ms = START_MS + 7 * HOUR_MS;
    box.db.prepare('UPDATE telemetry SET metrics = ? WHERE timestamp_ms = ?').run('{"value":70}', timestamp_ms);
    const found = { timestamp_ms, sqlite: '{"value":70}', firestore: '{"value":7}' };
    assert.deepEqual(theDifference(await full()), found);
  });

  it('finds a point that Firestore has not, and one that only Firestore has', async () => {
    const [first] = await documents();
    const start_ms = Number(first?.get('timestamp_ms'));
    const offset = String(START_MS - start_ms);
    const points = { ...(first?.get('points') as Record<string, string>) };
    await first?.ref.update({ points: Object.fromEntries(Object.entries(points).filter(([key]) => key !== offset)) });
    assert.deepEqual(theDifference(await full()), {
      timestamp_ms: START_MS,
      sqlite: '{"value":0}',
      firestore: null,
    });
    await first?.ref.update({ points: { ...points, 1: '{"extra":1}' } });
    assert.deepEqual(theDifference(await full()), {
      timestamp_ms: start_ms + 1,
      sqlite: null,
      firestore: '{"extra":1}',
    });
  });

  it('finds a bucket that Firestore lost, and puts it back when it is told to', async () => {
    const [first] = await documents();
    await first?.ref.delete();
    const comparison = await full();
    assert.equal(comparison.differing.length, 1);
    assert(comparison.differences.every(({ firestore }) => firestore === null));
    assert.match((await refused(move(box, 'telemetry'))).join(' '), /1 bucket not equal; .*Firestore has nothing/);
    assert.equal(await repair(box.parts, BY_COMMAND, comparison.differing), 1);
    await deliveryOf(box).everything();
    assert.deepEqual((await full()).differing, []);
    assert.deepEqual(await move(box, 'telemetry'), { from: 'dual', to: 'firestore' });
  });

  for (const [whose, { days = 10, ...owner }] of Object.entries<Stranger>({
    'of a device it knows': { tenant_id: ACME, device_id: 'boiler-1' },
    'of a bucket it knows, in another place': { tenant_id: ACME, device_id: 'boiler-1', days: 0 },
    'of a device it never heard of': { tenant_id: ACME, device_id: 'unheard-of' },
    'of a tenant it never heard of': { tenant_id: GLOBEX, device_id: 'boiler-1' },
  })) {
    it(`finds a bucket that only Firestore has, ${whose}`, async () => {
      const some = (await documents()).at(-1)?.data();
      const timestamp_ms = Number(some?.['timestamp_ms']) - days * DAY_MS;
      await client.doc('telemetry/stranger').set({ ...some, ...owner, timestamp_ms, points: { 5: '{"x":1}' } });
      const comparison = await full();
      const differs = { ...owner, timestamp_ms: timestamp_ms + 5, sqlite: null, firestore: '{"x":1}', fault: null };
      assert.deepEqual(comparison.differences, [differs]);
      assert.equal(comparison.differing.length, 1);
      assert.match((await refused(move(box, 'telemetry'))).join(' '), /1 bucket not equal; .*SQLite has nothing/);
      await client.doc('telemetry/stranger').delete();
      assert.deepEqual((await full()).differing, []);
    });
  }

  it('does not take for a difference what has expired, nor what is older than the backfill', async () => {
    const some = (await documents())[0]?.data();
    const stranger = (name: string, timestamp_ms: number) =>
      client.doc(`telemetry/${name}`).set({ ...some, timestamp_ms, points: { 5: '{"x":1}' } });
    await stranger('expired', NOW_MS - 91 * DAY_MS);
    assert.deepEqual((await full()).differing, []);
    clock.set(START_MS + 90 * DAY_MS + 3 * HOUR_MS + 1);
    box.db.prepare('DELETE FROM telemetry WHERE timestamp_ms < ?').run(START_MS + 2 * HOUR_MS);
    const comparison = await full();
    assert.deepEqual(comparison.differing, []);
    assert.equal(total(comparison, 'points'), POINTS - 4);
    clock.set(NOW_MS);
    box.db.prepare('UPDATE flags SET backfill_start_ms = ?').run(NOW_MS);
    await stranger('older', NOW_MS - 20 * DAY_MS);
    assert.deepEqual((await full()).differing.length, 0);
  });

  it('lets open buckets settle while they are written to', async () => {
    const delivery = deliveryOf(box);
    const stopping = new AbortController();
    const live = (async () => {
      for (let n = 1; !stopping.signal.aborted; n += 1) {
        await post(box, device, incoming([NOW_MS + n, { n }]), { now_ms: NOW_MS + n * MINUTE_MS });
        await delivery.everything();
        await sleep(n % 10 === 0 ? 150 : 1);
      }
    })();
    const { comparison, proof } = await prove(box.parts, { full: true });
    stopping.abort();
    await live;
    assert.deepEqual([comparison.differing, proof.unsettled], [[], 0]);
    assert(total(comparison, 'equal') >= BUCKETS);
  });

  it('tells of a bucket that never settles, and is not green by it', async () => {
    await post(box, device, incoming([NOW_MS + 1, { n: 1 }]), { now_ms: NOW_MS + MINUTE_MS });
    const { comparison, proof } = await prove(box.parts, { full: true, patience_ms: 300 });
    assert.deepEqual([total(comparison, 'unsettled'), proof.unsettled, comparison.differing], [1, 1, []]);
    assert.equal(total(comparison, 'equal'), BUCKETS - 1);
    await deliveryOf(box).everything();
    assert.equal((await prove(box.parts)).proof.unsettled, 0);
  });

  it('reads no points of a bucket that is not delivered, however often it looks', async () => {
    await post(box, device, incoming([NOW_MS + 1, { n: 1 }]), { now_ms: NOW_MS + MINUTE_MS });
    const [open = assert.fail(), ...others] = await box.parts.journal.dirtyBuckets(device, 0, 10);
    assert.deepEqual(others, []);
    const read: number[] = [];
    const snapshot: Journal['snapshot'] = (bucket) => {
      read.push(bucket.start_ms);
      return box.parts.journal.snapshot(bucket);
    };
    const journal = { ...box.parts.journal, snapshot };
    const options = { scope: 'full', since_ms: 0, sample: 0 } as const;
    const comparison = await compare({ ...box.parts, journal, patience_ms: 500 }, options);
    assert.equal(total(comparison, 'unsettled'), 1);
    assert.equal(read.length, BUCKETS - 1);
    assert(!read.includes(open.start_ms));
  });

  it('looks again at what changed, and at nothing else', async () => {
    await full();
    await post(box, device, incoming([START_MS + 1, { n: 1 }]), { now_ms: NOW_MS + MINUTE_MS });
    await deliveryOf(box).everything();
    const { parts } = box;
    const changed = () => compare(parts, { scope: 'changed', since_ms: 0, sample: 0 });
    const first = await changed();
    assert.deepEqual([total(first, 'buckets'), first.reads, first.differing], [1, 1, []]);
    assert.equal((await changed()).reads, 0);
    assert.equal((await compare(parts, { scope: 'changed', since_ms: 0, sample: 3 })).reads, 3);
  });

  describe('that was stopped', () => {
    const MANY = 130;

    beforeEach(async () => {
      for (let at = 0; at < MANY; at += 30) {
        const points = series(NOW_MS - (at + 33) * DAY_MS, DAY_MS, Math.min(30, MANY - at));
        await post(
          box,
          device,
          points.filter(({ timestamp_ms }) => timestamp_ms > NOW_MS - 89 * DAY_MS),
          {
            now_ms: NOW_MS + (at + 1) * MINUTE_MS,
          },
        );
      }
      await deliveryOf(box).everything();
    });

    it('goes on where it was, and remembers what it had found', async () => {
      const [first] = await documents();
      await first?.ref.update({ points: {} });
      const stopped = await prove(box.parts, { stopping: AbortSignal.abort() });
      assert.notEqual(stopped.comparison.next, null);
      assert.deepEqual([stopped.proof.full_ms, stopped.proof.green_since_ms, stopped.proof.differing], [null, null, 1]);
      const seen = stopped.proof.buckets;
      const { proof, comparison } = await prove(box.parts);
      assert.equal(comparison.next, null);
      assert.notEqual(proof.full_ms, null);
      const all = (await documents()).length;
      // The one that differed is looked at twice.
      assert.deepEqual([seen, proof.buckets], [50, all + 1]);
      assert.deepEqual([proof.differing, proof.green_since_ms], [1, null]);
      assert.deepEqual(await loadProof(box.parts.journal), proof);
    });
  });
});
