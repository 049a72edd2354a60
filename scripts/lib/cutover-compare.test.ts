import assert from 'node:assert/strict';
import { note, type Comparison } from '@bas/core/cutover/comparison';
import { describeComparison } from './cutover-compare.ts';

describe('what compare prints', () => {
  it('lists a hundred differences, and says how many more there are', () => {
    const empty = { days: [], differences: [], unlisted: 0, differing: [], reads: 1, next: null };
    const comparison: Comparison = { scope: 'full', ...empty };
    const points = (value: number, count: number) =>
      Array.from({ length: count }, (_, at) => ({ timestamp_ms: at, metrics: `{"value":${String(value)}}` }));
    const bucket = (start_ms: number) => ({ tenant_id: 'acme', device_id: 'ahu-1', start_ms });
    note(comparison, bucket(0), points(1, 100), { points: points(2, 100), fault: null });
    assert.doesNotMatch(describeComparison(comparison), / more/);
    note(comparison, bucket(1_000), points(1, 1_500), { points: [], fault: null });
    assert.equal(comparison.differences.length, 100);
    assert.match(describeComparison(comparison), /^2 buckets with differences, 1,600 points:$/m);
    assert.match(describeComparison(comparison), /^ {2}and 1,500 more: no more than 100 are listed\.$/m);
  });
});
