import assert from 'node:assert/strict';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock.ts';
import { atWork, OFFICE, workedHours } from './working-time.ts';

const MONDAY_MS = Date.UTC(2026, 10, 23);
const at = (day: number, hour: number): number => atWork(MONDAY_MS + day * DAY_MS + hour * HOUR_MS, OFFICE);

describe('working time', () => {
  it('begins and ends in ramps, from Monday to Friday', () => {
    for (const day of [0, 1, 4]) {
      assert.deepEqual(
        [0, 7, 8, 9, 16.5, 17.5, 18.5].map((hour) => at(day, hour)),
        [0, 0, 0.5, 1, 1, 0.5, 0],
      );
    }
    for (const day of [5, 6])
      assert.deepEqual(
        [8, 12, 18].map((hour) => at(day, hour)),
        [0, 0, 0],
      );
  });

  it('adds up, minute by minute, to the hours worked', () => {
    let hours = 0;
    for (let time_ms = MONDAY_MS; time_ms < MONDAY_MS + 9 * DAY_MS; time_ms += MINUTE_MS) {
      hours += atWork(time_ms + MINUTE_MS / 2, OFFICE) / 60;
      const worked = workedHours(time_ms + MINUTE_MS, OFFICE) - workedHours(MONDAY_MS, OFFICE);
      assert.ok(Math.abs(worked - hours) < 0.001, new Date(time_ms).toISOString());
    }
    assert.ok(hours > 60);
  });
});
