import fc from 'fast-check';
import assert from 'node:assert/strict';
import { HOUR_MS } from '../clock.ts';
import { MAX_BUCKETS_PER_REQUEST, MAX_BUCKET_BYTES, bucketAt, firstWidths, pointBytes } from './bucket.ts';
import { canonicalMetrics } from './point.ts';
import { assignBuckets, planWrite, type BucketView, type IncomingPoint, type WritePlan } from './write-plan.ts';

const widths = firstWidths(null);
const WIDTH_MS = 6 * HOUR_MS;

/** Buckets in memory, to plan against and to apply plans to. */
class Memory {
  readonly points = new Map<number, string>();

  view(start_ms: number): BucketView {
    const inside = [...this.points].filter(([at_ms]) => bucketAt(widths, at_ms).start_ms === start_ms);
    const bytes = inside.reduce((sum, [, metrics]) => sum + pointBytes(metrics), 0);
    return { bytes, metricsAt: (timestamp_ms) => this.points.get(timestamp_ms) };
  }

  plan(points: readonly IncomingPoint[], overwrite = false): WritePlan {
    return planWrite(assignBuckets(widths, points), (start_ms) => this.view(start_ms), { overwrite });
  }

  apply({ changes }: WritePlan): void {
    for (const { points } of changes) for (const [at_ms, metrics] of points) this.points.set(at_ms, metrics);
  }
}

function points(...given: readonly (readonly [timestamp_ms: number, metrics: string])[]): IncomingPoint[] {
  return given.map(([timestamp_ms, metrics], index) => ({ index, timestamp_ms, metrics }));
}

describe('assigning points to buckets', () => {
  it('keeps each bucket’s points in their order and gives up beyond 32 buckets', () => {
    const given = points(
      ...Array.from({ length: 34 }, (_, i) => [i * WIDTH_MS, '{"a":1}'] as const),
      [1, '{"a":1}'],
      [33 * WIDTH_MS + 1, '{"a":1}'],
    );
    const { buckets, rejected } = assignBuckets(widths, given);
    assert.equal(buckets.length, MAX_BUCKETS_PER_REQUEST);
    assert.deepEqual(
      buckets[0]?.points.map(({ index }) => index),
      [0, 34],
    );
    assert.deepEqual(
      rejected.map(({ index, code }) => [index, code]),
      [32, 33, 35].map((index) => [index, 'too_many_buckets']),
    );
  });
});

describe('planning a write', () => {
  it('tells new points, duplicates and conflicts apart, also inside one request', () => {
    const memory = new Memory();
    memory.points.set(5, '{"a":1}');
    const given = points([5, '{"a":1}'], [5, '{"b":2}'], [5, '{"b":3}'], [6, '{"c":1}'], [6, '{"c":1}']);
    const { receipt, changes } = memory.plan(given);
    assert.deepEqual([receipt.accepted, receipt.duplicates], [2, 2]);
    assert.deepEqual(
      receipt.rejected.map(({ index, code }) => [index, code]),
      [[2, 'conflict']],
    );
    assert.deepEqual(
      [...(changes[0]?.points ?? [])],
      [
        [5, '{"a":1,"b":2}'],
        [6, '{"c":1}'],
      ],
    );
  });

  it('changes nothing when nothing is new', () => {
    const memory = new Memory();
    memory.points.set(5, '{"a":1}');
    assert.deepEqual(memory.plan(points([5, '{"a":1}'], [5, '{"a":2}'])).changes, []);
  });

  it('rejects what would make a stored point too large, as a point that is not valid', () => {
    const memory = new Memory();
    const metrics = (from: number) =>
      canonicalMetrics(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`m${from + i}`, 1])));
    memory.points.set(5, metrics(0));
    const { receipt, changes } = memory.plan(points([5, metrics(40)]));
    assert.deepEqual([receipt.rejected[0]?.code, changes], ['invalid_point', []]);
  });

  it('fills a bucket to its last byte and no further', () => {
    const rest = (bytes: number) => ({ bytes, metricsAt: () => undefined });
    const [point] = points([5, '{"a":1}']);
    assert(point !== undefined);
    const size = pointBytes(point.metrics);
    const plan = (bytes: number) => planWrite(assignBuckets(widths, [point]), () => rest(bytes), { overwrite: false });
    assert.equal(plan(MAX_BUCKET_BYTES - size).receipt.accepted, 1);
    assert.equal(plan(MAX_BUCKET_BYTES - size + 1).receipt.rejected[0]?.code, 'bucket_full');
  });

  it('lets a point in a full bucket shrink', () => {
    const view = { bytes: MAX_BUCKET_BYTES, metricsAt: () => '{"a":"long"}' };
    const plan = planWrite(assignBuckets(widths, points([5, '{"a":1}'])), () => view, { overwrite: true });
    assert.equal(plan.receipt.accepted, 1);
    assert(plan.changes.every(({ bytes }) => bytes < MAX_BUCKET_BYTES));
  });

  it('rejects in the order of the request, whatever bucket the points are in', () => {
    const memory = new Memory();
    memory.points.set(5, '{"a":1}');
    memory.points.set(WIDTH_MS, '{"a":1}');
    const { receipt } = memory.plan(points([WIDTH_MS, '{"a":2}'], [5, '{"a":2}'], [WIDTH_MS, '{"a":3}']));
    assert.deepEqual(
      receipt.rejected.map(({ index }) => index),
      [0, 1, 2],
    );
  });

  const requests = fc.array(
    fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 40 }).map((slot) => slot * (WIDTH_MS / 2)),
        fc
          .dictionary(fc.constantFrom('a', 'b'), fc.integer({ min: 0, max: 2 }), { minKeys: 1, noNullPrototype: true })
          .map(canonicalMetrics),
      ),
      { maxLength: 60 },
    ),
    { maxLength: 4 },
  );

  it('accounts for every point, keeps the sizes right and is settled after one application', () => {
    fc.assert(
      fc.property(requests, fc.boolean(), (sent, overwrite) => {
        const memory = new Memory();
        for (const request of sent) {
          const given = points(...request);
          const plan = memory.plan(given, overwrite);
          const { accepted, duplicates, rejected } = plan.receipt;
          assert.equal(accepted + duplicates + rejected.length, given.length);
          assert.equal(plan.changes.length === 0, accepted === 0);
          memory.apply(plan);
          for (const { start_ms, bytes } of plan.changes) assert.equal(memory.view(start_ms).bytes, bytes);
          if (!overwrite) assert.equal(memory.plan(given, overwrite).receipt.accepted, 0);
        }
      }),
    );
  });
});
