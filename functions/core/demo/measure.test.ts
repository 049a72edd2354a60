import assert from 'node:assert/strict';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock.ts';
import { metricsFault, type Metrics } from '../model/point.ts';
import { KINDS, measure, type Kind } from './measure.ts';

/** A Monday. */
const MONDAY_MS = Date.UTC(2026, 10, 23);
const NOON_MS = MONDAY_MS + 12 * HOUR_MS;
const SUNDAY_NOON_MS = NOON_MS - DAY_MS;

/** A week of it, every five minutes. */
function week(kind: Kind): Metrics[] {
  return Array.from({ length: 2_016 }, (_, n) => measure(kind, 'd', MONDAY_MS + n * 5 * MINUTE_MS));
}

function numbers(points: readonly Metrics[], name: string): number[] {
  return points.map((metrics) => {
    const value = metrics[name];
    return typeof value === 'number' ? value : assert.fail(`${name} is ${String(value)}`);
  });
}

function within(values: readonly number[], low: number, high: number): void {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  assert.ok(least >= low && most <= high, `${least} to ${most}, not within ${low} and ${high}`);
}

describe('what the devices of a demo measure', () => {
  it('is the same for the same device and time, another for another device, and can be stored', () => {
    for (const kind of KINDS) {
      assert.deepEqual(measure(kind, 'd', NOON_MS), measure(kind, 'd', NOON_MS), kind);
      assert.notDeepEqual(measure(kind, 'd', NOON_MS), measure(kind, 'e', NOON_MS), kind);
      for (const metrics of week(kind)) assert.equal(metricsFault(metrics), null);
    }
  });

  it('keeps working hours', () => {
    assert.equal(measure('ahu', 'd', NOON_MS)['running'], true);
    assert.equal(measure('chiller', 'd', NOON_MS)['state'], 'cooling');
    for (const off_ms of [MONDAY_MS + 2 * HOUR_MS, SUNDAY_NOON_MS]) {
      const { running, fan_speed_pct, filter_pa } = measure('ahu', 'd', off_ms);
      assert.deepEqual([running, fan_speed_pct, filter_pa], [false, 0, 0]);
      assert.equal(measure('chiller', 'd', off_ms)['state'], 'off');
      assert.equal(measure('room', 'd', off_ms)['occupied'], false);
    }
    assert.deepEqual(
      new Set(week('chiller').map(({ state }) => state)),
      new Set('off starting cooling stopping'.split(' ')),
    );
  });

  it('is what buildings have', () => {
    const rooms = week('room');
    within(numbers(rooms, 'temperature'), 18, 25);
    within(numbers(rooms, 'humidity'), 25, 65);
    within(numbers(rooms, 'co2'), 400, 1_500);
    within(numbers(week('ahu'), 'fan_speed_pct'), 0, 100);
    const [heat, cold] = [week('heat_meter'), week('chiller')];
    numbers(heat, 'return_temp_c').forEach((back, at) =>
      assert.ok(back < (numbers([heat[at] ?? {}], 'supply_temp_c')[0] ?? 0)),
    );
    numbers(cold, 'supply_temp_c').forEach((out, at) =>
      assert.ok(out < (numbers([cold[at] ?? {}], 'return_temp_c')[0] ?? 0)),
    );
  });

  it('moves on without jumps', () => {
    const air = numbers(
      Array.from({ length: 1_440 }, (_, n) => measure('room', 'd', MONDAY_MS + n * MINUTE_MS)),
      'co2',
    );
    air.slice(1).forEach((value, at) => assert.ok(Math.abs(value - (air[at] ?? 0)) <= 25, `${at}`));
  });

  for (const kind of ['power_meter', 'heat_meter'] as const) {
    it(`counts the energy of the power that a ${kind} tells, and never backwards`, () => {
      const points = week(kind);
      const [energy, power] = [numbers(points, 'energy_kwh'), numbers(points, 'power_kw')];
      energy.slice(1).forEach((value, at) => {
        const used_kwh = value - (energy[at] ?? 0);
        assert.ok(used_kwh >= 0);
        // Both are rounded to a tenth.
        assert.ok(Math.abs(used_kwh - (power[at + 1] ?? 0) / 12) < 0.11);
      });
      assert.ok(Math.max(...power) > 3 * Math.min(...power));
    });
  }
});
