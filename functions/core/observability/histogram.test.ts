import assert from 'node:assert/strict';
import fc from 'fast-check';
import { quantile, rebucketed } from './histogram.ts';
import { countLatency, LATENCY_BOUNDS_MS, latencyBucket } from './minute-counters.ts';

describe('a quantile of a histogram', () => {
  const bounds = [100, 200, 400];

  it('lies in its bucket as far as its rank does', () => {
    // Ten between 0 and 100, ten between 100 and 200, twenty between 200 and 400.
    const histogram = { bounds, counts: [10, 10, 20, 0] };
    assert.equal(quantile(histogram, 0.25), 100);
    assert.equal(quantile(histogram, 0.125), 50);
    assert.equal(quantile(histogram, 0.375), 150);
    assert.equal(quantile(histogram, 0.5), 200);
    assert.equal(quantile(histogram, 0.75), 300);
    assert.equal(quantile(histogram, 0.95), 380);
    assert.equal(quantile(histogram, 1), 400);
  });

  it('is nothing without a measurement, and the last bound beyond it', () => {
    assert.equal(quantile({ bounds, counts: [0, 0, 0, 0] }, 0.5), null);
    assert.equal(quantile({ bounds, counts: [] }, 0.5), null);
    assert.equal(quantile({ bounds, counts: [1, 0, 0, 1] }, 0.95), 400);
    assert.equal(quantile({ bounds, counts: [0, 0, 0, 7] }, 0.5), 400);
  });

  it('passes over empty buckets', () => {
    assert.equal(quantile({ bounds, counts: [0, 0, 4, 0] }, 0), 200);
    assert.equal(quantile({ bounds, counts: [2, 0, 2, 0] }, 0.5), 100);
  });

  it('is off the true one by no more than its bucket is wide, and judges a bound as the true one does', () => {
    const latency = fc.double({ min: 0.1, max: 9_999, noNaN: true });
    const share = fc.constantFrom(0.5, 0.9, 0.95, 0.99);
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1, maxLength: 200 }), share, (latencies, asked) => {
        const counts = new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0);
        for (const one of latencies) countLatency(counts, one);
        const found = quantile({ bounds: LATENCY_BOUNDS_MS, counts }, asked) ?? NaN;
        const rank = Math.ceil(latencies.length * asked);
        const truth = latencies.toSorted((a, b) => a - b)[rank - 1] ?? NaN;
        const at = latencyBucket(truth);
        assert.ok(found >= (LATENCY_BOUNDS_MS[at - 1] ?? 0) && found <= (LATENCY_BOUNDS_MS[at] ?? NaN));
        for (const limit of LATENCY_BOUNDS_MS) assert.equal(found > limit, truth > limit);
      }),
    );
  });
});

describe('a histogram between other bounds', () => {
  it('shares out what it must cut, and loses nothing', () => {
    assert.deepEqual(rebucketed({ bounds: [100, 300], counts: [10, 20, 5] }, [50, 200, 300]), [5, 15, 10, 5]);
    assert.deepEqual(rebucketed({ bounds: [100], counts: [0, 3] }, [1_000, 2_000]), [0, 0, 3]);
    assert.deepEqual(rebucketed({ bounds: [100], counts: [] }, [10]), [0, 0]);
  });

  it('is the same between the same bounds', () => {
    const counts = [3, 1, 4, 1];
    assert.deepEqual(rebucketed({ bounds: [10, 25, 50], counts }, [10, 25, 50]), counts);
  });
});
