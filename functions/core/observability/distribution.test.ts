import assert from 'node:assert/strict';
import { Distribution, histogramOf } from './distribution.ts';
import { quantile } from './histogram.ts';

const read = (fields: object) => histogramOf(Distribution.parse({ count: '4', mean: 1, bucketCounts: [], ...fields }));

describe("Cloud Monitoring's distributions", () => {
  it('have exponential buckets', () => {
    const exponentialBuckets = { numFiniteBuckets: 3, growthFactor: 2, scale: 10 };
    const found = read({ bucketOptions: { exponentialBuckets }, bucketCounts: ['1', '0', '2', '0', '1'] });
    assert.deepEqual(found, { bounds: [10, 20, 40, 80], counts: [1, 0, 2, 0, 1] });
    assert.equal(quantile(found, 0.5), 30);
  });

  it('have linear buckets', () => {
    const linearBuckets = { numFiniteBuckets: 2, width: 5, offset: 100 };
    const found = read({ bucketOptions: { linearBuckets }, bucketCounts: [0, 4] });
    assert.deepEqual(found, { bounds: [100, 105, 110], counts: [0, 4, 0, 0] });
    assert.equal(quantile(found, 0.5), 102.5);
  });

  it('have explicit buckets, and leave out trailing zeros', () => {
    const found = read({ bucketOptions: { explicitBuckets: { bounds: [1, 2, 4] } }, bucketCounts: [3] });
    assert.deepEqual(found, { bounds: [1, 2, 4], counts: [3, 0, 0, 0] });
  });

  it('may have none', () => assert.deepEqual(read({}), { bounds: [], counts: [0] }));
});
