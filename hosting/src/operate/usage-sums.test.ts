import assert from 'node:assert/strict';
import { totalOf, usageBy, usagePath } from './usage-sums.ts';

const row = (day: string, name: string, device_id: string | null, reads: number, points = 0) => ({
  day,
  function: name,
  device_id,
  reads,
  writes: 1,
  deletes: 0,
  points,
});

const ROWS = [
  row('2026-11-22', 'recentTelemetry', 'ahu-1', 2),
  row('2026-11-23', 'ingestTelemetry', 'ahu-1', 0, 60),
  row('2026-11-23', 'login', null, 3),
];

describe('usage', () => {
  it('is added up by each of its sides', () => {
    assert.deepEqual(
      usageBy(ROWS, 'day').map(({ name, reads, points }) => [name, reads, points]),
      [
        ['2026-11-23', 3, 60],
        ['2026-11-22', 2, 0],
      ],
    );
    assert.deepEqual(
      usageBy(ROWS, 'function').map(({ name }) => name),
      ['ingestTelemetry', 'login', 'recentTelemetry'],
    );
    assert.deepEqual(
      usageBy(ROWS, 'device_id').map(({ name, writes }) => [name, writes]),
      [
        ['ahu-1', 2],
        [null, 1],
      ],
    );
  });

  it('is asked for by whole days, today being the last', () => {
    const day = (name: 'start_ms' | 'end_ms', days: number): string => {
      const { searchParams } = new URL(usagePath(days, Date.UTC(2026, 10, 23, 13)), 'http://localhost');
      return new Date(Number(searchParams.get(name))).toISOString().slice(0, 10);
    };
    assert.deepEqual([day('start_ms', 7), day('end_ms', 7)], ['2026-11-17', '2026-11-23']);
    assert.equal(day('start_ms', 1), '2026-11-23');
  });

  it('has a sum of all', () => {
    assert.deepEqual(totalOf(ROWS), { reads: 5, writes: 3, deletes: 0, points: 60 });
    assert.deepEqual(totalOf([]), { reads: 0, writes: 0, deletes: 0, points: 0 });
  });
});
