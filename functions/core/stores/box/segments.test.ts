import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { TimeRange } from '../contracts.ts';
import { segmentsOf } from './segments.ts';

/** Spans that do not overlap, newest first, as the journal tells of dirty buckets; neighbours may touch. */
const dirtySpans = fc
  .uniqueArray(fc.integer({ min: -20, max: 120 }), { maxLength: 12 })
  .map((edges) => edges.sort((a, b) => b - a))
  .chain((edges) => {
    const spans = edges.slice(1).map((start_ms, at): TimeRange => ({ start_ms, end_ms: edges[at] ?? start_ms }));
    return fc.subarray(spans);
  });
const ranges = fc
  .tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }))
  .map(([a, b]): TimeRange => ({ start_ms: Math.min(a, b), end_ms: Math.max(a, b) }));

describe('segments of a read', () => {
  it('cover every instant of the range once, newest first, each from the store that has it', () => {
    fc.assert(
      fc.property(ranges, dirtySpans, (range, dirty) => {
        const segments = segmentsOf(range, dirty);
        const seen = segments.flatMap(({ store, start_ms, end_ms }) =>
          Array.from({ length: end_ms - start_ms }, (_, n) => [end_ms - 1 - n, store]),
        );
        const wanted = Array.from({ length: range.end_ms - range.start_ms }, (_, n) => {
          const at_ms = range.end_ms - 1 - n;
          const isDirty = dirty.some(({ start_ms, end_ms }) => start_ms <= at_ms && at_ms < end_ms);
          return [at_ms, isDirty ? 'sqlite' : 'firestore'];
        });
        assert.deepEqual(seen, wanted);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are as few as can be, and none is empty', () => {
    fc.assert(
      fc.property(ranges, dirtySpans, (range, dirty) => {
        const segments = segmentsOf(range, dirty);
        for (const [at, { store, start_ms, end_ms }] of segments.entries()) {
          assert(start_ms < end_ms);
          assert.notEqual(segments[at + 1]?.store, store);
        }
      }),
    );
  });
});
