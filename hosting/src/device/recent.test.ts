import assert from 'node:assert/strict';
import { MINUTE_MS } from '@bas/core/clock';
import { aggregated, liveSpan, recentOf, reportInterval_ms, wholeFrom_ms } from './recent.ts';

const point = (timestamp_ms: number, metrics: Record<string, number | boolean | string>) => ({ timestamp_ms, metrics });
const page = (times: readonly number[], next_cursor: string | null) => ({
  device_id: 'ahu-1',
  points: times.map((timestamp_ms) => point(timestamp_ms, { a: 1 })),
  next_cursor,
});

describe('the newest points', () => {
  it('are all there is when no more follow, and else all since the oldest of them', () => {
    assert.equal(recentOf(page([30, 20, 10], null)).from_ms, -Infinity);
    const some = recentOf(page([30, 20, 10], 'more'));
    assert.deepEqual([some.from_ms, some.points[0]?.timestamp_ms], [10, 10]);
    assert.deepEqual([wholeFrom_ms(some, null), wholeFrom_ms(some, 8), wholeFrom_ms(some, 10)], [10, 16, 10]);
  });

  it('are aggregated as the server does it', () => {
    const points = [
      point(0, { a: 1, on: true }),
      point(5, { a: 3, mode: 'auto' }),
      point(12, { on: false }),
      point(25, { a: -2 }),
    ];
    assert.deepEqual(aggregated(points, 10, 'avg'), [point(0, { a: 2 }), point(20, { a: -2 })]);
    assert.deepEqual(aggregated(points, 10, 'min'), [point(0, { a: 1 }), point(20, { a: -2 })]);
    assert.deepEqual(aggregated(points, 10, 'max'), [point(0, { a: 3 }), point(20, { a: -2 })]);
    assert.deepEqual(aggregated(points, 10, 'last'), [
      point(0, { a: 3, on: true, mode: 'auto' }),
      point(10, { on: false }),
      point(20, { a: -2 }),
    ]);
  });

  it('are shown up to now, unless the device has been silent for longer than they reach', () => {
    const hour = recentOf(
      page(
        [60, 30, 0].map((minute) => minute * MINUTE_MS),
        'more',
      ),
    );
    assert.deepEqual(liveSpan(hour, 61 * MINUTE_MS, MINUTE_MS), { start_ms: 0, end_ms: 61 * MINUTE_MS });
    assert.ok(liveSpan(hour, 1_000 * MINUTE_MS, MINUTE_MS).end_ms < 70 * MINUTE_MS);
  });

  it('tell how often a device reports that did not declare it', () => {
    const recent = recentOf(page([900_000, 600_000, 300_000, 0], null));
    assert.equal(reportInterval_ms(recent, null), 300_000);
    assert.equal(reportInterval_ms(recent, 10_000), 10_000);
    assert.equal(reportInterval_ms(recentOf(page([], null)), null), MINUTE_MS);
  });
});
