/** A dashboard never reads more than 50 documents a minute, however it polls and however many instances answer. */
import assert from 'node:assert/strict';
import { MINUTE_MS } from '@bas/core/clock';
import { DASHBOARD_READS_PER_MINUTE } from '@bas/core/budgets/dashboard-reads';
import { openFleet, type DashboardFleet } from './support/dashboard-fleet.ts';

const DEVICES = 20;
const FOR_MS = 70 * MINUTE_MS;

describe('the read budget of a dashboard of 20 devices', function () {
  this.timeout(240_000);
  let fleet: DashboardFleet;
  afterEach(() => fleet.close());

  const pages: readonly (readonly [string, (ids: readonly string[]) => readonly string[]])[] = [
    ['a chart of 100 points each', (ids) => ids.map((id) => `/v1/telemetry/recent?device_id=${id}&limit=100`)],
    ['one question for all of them', (ids) => [`/v1/telemetry/latest?device_ids=${ids.join(',')}&points=30`]],
  ];
  for (const [what, pathsFor] of pages) {
    for (const instances of [1, 2]) {
      it(`is kept for 70 minutes by ${what}, with ${instances} instance${instances === 1 ? '' : 's'}`, async () => {
        fleet = await openFleet(DEVICES, instances);
        const page = await fleet.poll(pathsFor(fleet.device_ids), FOR_MS);
        assert.ok(page.worstMinute() <= DASHBOARD_READS_PER_MINUTE, `${page.worstMinute()} reads in a minute`);
        assert.deepEqual(page.failures, []);
        assert.deepEqual(page.broken_promises, []);
        assert.ok(page.worst_late_ms <= 4 * MINUTE_MS, `a point was shown after ${page.worst_late_ms} ms`);
      });
    }
  }
});
