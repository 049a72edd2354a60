import assert from 'node:assert/strict';
import { parseCostOptions, readAssumptions, type Assumptions } from './assumptions.ts';
import { limitsOf, passed, rampMinutes } from './limits.ts';
import { monthOf } from './model.ts';

const presets = parseCostOptions([]);
assert.ok(presets !== null);
const options = presets;
const month = (devices: number, changes: Partial<Assumptions> = {}) =>
  monthOf({ ...readAssumptions(options, devices), ...changes });
const names = (...of: Parameters<typeof month>) => passed(month(...of)).map(({ name }) => name);

describe('where a database ends', () => {
  it('is told nearest first, and at as many devices however many are asked about', () => {
    const [few, many] = [limitsOf(month(1_000)), limitsOf(month(100_000))];
    assert.deepEqual(
      few.map(({ name }) => name),
      ['ramp', 'instances', 'database', 'devices.last_seen_ms', 'sessions.last_seen_ms'],
    );
    for (const [at, limit] of few.entries()) {
      assert.ok(Math.abs((many[at]?.at_devices ?? 0) - limit.at_devices) <= 1, limit.name);
    }
  });

  it('is passed in that order', () => {
    assert.deepEqual(names(29_000), []);
    assert.deepEqual(names(31_000), ['ramp']);
    assert.deepEqual(names(601_000), ['ramp', 'instances', 'database']);
    assert.deepEqual(names(601_000, { points_per_post: 60 }), []);
    assert.deepEqual(names(1_000, { dashboards: 30_001 }), ['sessions.last_seen_ms']);
  });

  it('is no matter of times that are exempt from indexes', () => {
    const told = limitsOf(month(1_000_000)).map(({ name }) => name);
    assert.ok(!told.includes('telemetry.timestamp_ms') && !told.includes('audit_log.timestamp_ms'));
  });

  it('is come to by half as much again every five minutes', () => {
    assert.deepEqual([100, 500, 501, 750, 751, 16_667].map(rampMinutes), [0, 0, 5, 5, 10, 45]);
  });
});
