import assert from 'node:assert/strict';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@bas/core/clock';
import { levelFor, usualSpacing_ms } from './level.ts';

describe('how finely history is asked for', () => {
  it('is every point while they are few', () => {
    assert.deepEqual(levelFor(HOUR_MS, MINUTE_MS), { interval_ms: null, tile_ms: 6 * HOUR_MS });
    assert.equal(levelFor(DAY_MS, 5 * MINUTE_MS).interval_ms, null);
  });

  it('is some hundred values across the chart beyond that', () => {
    assert.equal(levelFor(HOUR_MS, SECOND_MS).interval_ms, 10 * SECOND_MS);
    assert.equal(levelFor(DAY_MS, MINUTE_MS).interval_ms, 5 * MINUTE_MS);
    assert.equal(levelFor(7 * DAY_MS, MINUTE_MS).interval_ms, 30 * MINUTE_MS);
    assert.equal(levelFor(90 * DAY_MS, MINUTE_MS).interval_ms, 6 * HOUR_MS);
  });

  it('asks in stretches of whole intervals that fit into one answer', () => {
    for (let span_ms = MINUTE_MS; span_ms <= 90 * DAY_MS; span_ms *= 1.3) {
      const { interval_ms, tile_ms } = levelFor(span_ms, 100);
      assert.ok(interval_ms !== null);
      assert.equal(tile_ms % interval_ms, 0);
      assert.ok(tile_ms / interval_ms <= 1_000);
    }
  });

  it('takes points to be as far apart as most are', () => {
    assert.equal(usualSpacing_ms([0, 60_000, 119_900, 180_100, 500_000]), 60_000);
    assert.equal(usualSpacing_ms([0, 1]), null);
    assert.equal(usualSpacing_ms([0, 1, 2]), SECOND_MS);
  });
});
