import assert from 'node:assert/strict';
import type { Point } from '../api/answers.ts';
import { sparkOf } from './sparkline.ts';

const SIZE = { width: 100, height: 20 };

/** Newest first, as they are answered. */
function points(values: Readonly<Record<number, number | boolean | string>>): readonly Point[] {
  return Object.entries(values)
    .map(([time, t]) => ({ timestamp_ms: Number(time), metrics: { t } }))
    .reverse();
}

describe('a sparkline', () => {
  it('runs from the oldest to the newest, the highest on top', () => {
    const spark = sparkOf(points({ 0: 1, 50: 3, 100: 2 }), 't', 50, SIZE);
    assert.deepEqual(spark, { path: 'M0.0 20.0L50.0 0.0L100.0 10.0', low: 1, high: 3, span_ms: 100 });
  });

  it('leaves gaps out and draws what stands alone as a dot', () => {
    const spark = sparkOf(points({ 0: 0, 10: 1, 80: 1, 90: 0, 100: 0 }), 't', 10, SIZE);
    assert.equal(spark?.path, 'M0.0 20.0L10.0 0.0M80.0 0.0L90.0 20.0L100.0 20.0');
    assert.equal(sparkOf(points({ 0: 0, 10: 0, 20: 0, 100: 0 }), 't', 10, SIZE)?.path.endsWith('M100.0 10.0h0'), true);
  });

  it('takes a device that is always slower than it said as it is', () => {
    assert.doesNotMatch(sparkOf(points({ 0: 0, 50: 1, 100: 0 }), 't', 1, SIZE)?.path ?? '', /M.*M/);
  });

  it('passes over what is no number, and is none without any', () => {
    assert.equal(sparkOf(points({ 0: 1, 50: 'fault', 100: 1 }), 't', 50, SIZE)?.path, 'M0.0 10.0L100.0 10.0');
    assert.equal(sparkOf(points({ 0: true }), 't', 50, SIZE), null);
    assert.equal(sparkOf(points({ 0: 1 }), 'constructor', 50, SIZE), null);
  });

  it('keeps the largest numbers within its frame', () => {
    const spark = sparkOf(points({ 0: -Number.MAX_VALUE, 100: Number.MAX_VALUE }), 't', 100, SIZE);
    assert.equal(spark?.path, 'M0.0 20.0L100.0 0.0');
  });
});
