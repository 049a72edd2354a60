import assert from 'node:assert/strict';
import { openBuckets } from './support/buckets.ts';
import { run } from './support/command.ts';
import { contentsOf, makeLegacy, openTarget } from './support/legacy.ts';
import { MigrationPlace } from './support/migration.ts';
import { STORES } from './support/server.ts';

const HOUR_MS = 3_600_000;

describe('migrate telemetry', function () {
  this.timeout(60_000);
  let place: MigrationPlace;
  let newest_ms: number;

  beforeEach(() => {
    place = new MigrationPlace();
    ({ newest_ms } = place);
  });
  afterEach(() => place.remove());

  for (const store of STORES) {
    it(`takes points in whole buckets of what is asked for, one write each, on ${store}`, async () => {
      // Ten points an hour: a bucket is a day.
      makeLegacy(place.legacy, { devices: 2, points_per_device: 240 * 4, interval_ms: HOUR_MS / 10, newest_ms });
      const to = await place.target(store);
      const from_ms = newest_ms - 30 * HOUR_MS;
      const report = await place.reported(to, 'telemetry', ['--from-ms', String(from_ms)]);
      const day_ms = 24 * HOUR_MS;
      const buckets = await openBuckets(to.home);
      const first_ms = Math.floor(from_ms / day_ms) * day_ms;
      for (const device_id of ['ahu-0', 'ahu-1']) {
        const own = buckets.filter((bucket) => bucket.device_id === device_id);
        assert.equal(own[0]?.start_ms, first_ms);
        const expected = Math.floor((newest_ms - first_ms) / (HOUR_MS / 10)) + 1;
        assert.equal(
          own.reduce((sum, { points }) => sum + points, 0),
          expected,
        );
      }
      assert.equal(report.stored + report.left_out, 2 * 240 * 4);
      assert.equal(report.documents_written, store === 'sqlite' ? 0 : buckets.length + 2);
    });
  }

  it('files points on Firestore as the box does that moves there', async () => {
    makeLegacy(place.legacy, { devices: 1, points_per_device: 200, interval_ms: 60_000, newest_ms });
    const to = await place.target('firestore');
    const box = await openTarget('sqlite', to.folder);
    const registered = await run(
      'admin',
      ['issue-keys', '--tenant', 'acme', '--device', 'ahu-0', '--register', '--data', to.folder],
      box,
    );
    assert.equal(registered.code, 0, registered.stderr);
    await place.reported(box, 'telemetry');
    await place.reported(to, 'telemetry');
    const there = await openBuckets(to.home);
    assert.deepEqual(there, await openBuckets(box.home));
    assert.ok(
      there.every(({ start_ms }) => start_ms % (6 * HOUR_MS) === 0),
      'the width of a device that declared nothing',
    );
    assert.ok(
      !JSON.stringify((await contentsOf(to.home))['devices']).includes('last_used_ms'),
      'a key stays where it is known',
    );
  });

  it('goes by the backfill start of the environment, unless it is told otherwise', async () => {
    makeLegacy(place.legacy, { devices: 1, points_per_device: 120, newest_ms });
    const to = await place.target('sqlite');
    const start = { TELEMETRY_BACKFILL_START_MS: String(newest_ms - 10 * 60_000) };
    const env = { ...to, env: { ...to.env, ...start } };
    assert.equal((await place.reported(env, 'telemetry', ['--dry-run'])).from_ms, newest_ms - 10 * 60_000);
    const told = await place.reported(env, 'telemetry', ['--dry-run', '--days', '2']);
    assert.equal(told.now_ms - told.from_ms, 48 * HOUR_MS);
  });

  it('tells every row that cannot be stored, by reason and example, and stores the rest', async () => {
    const day_ms = 24 * HOUR_MS;
    makeLegacy(
      place.legacy,
      { devices: 1, points_per_device: 3, newest_ms },
      `INSERT INTO telemetry VALUES (10, 'bad id/', ${newest_ms}, '{"a":1}'), (11, NULL, ${newest_ms}, '{"a":1}'),
        (12, 'ahu-0', 'yesterday', '{"a":1}'), (13, 'ahu-0', NULL, '{"a":1}'), (14, 'ahu-0', ${newest_ms}.5, '{"a":1}'),
        (15, 'ahu-0', ${newest_ms + day_ms}, '{"a":1}'), (16, 'ahu-0', ${newest_ms + 1}, '{"a":NaN}'),
        (17, 'ahu-0', ${newest_ms + 2}, '{"a":{"b":1}}'), (18, 'ahu-0', ${newest_ms + 3}, '{}'),
        (19, 'ahu-0', ${newest_ms + 4}, '[1]'), (20, 'ahu-0', ${newest_ms + 5}, NULL), (21, 'ahu-0', ${newest_ms + 6}, x'ff'),
        (22, 'ahu-0', ${newest_ms + 7}, '{"__proto__":1}'), (23, 'ahu-0', ${newest_ms + 8}, '{"a":1,"gone":null}'),
        (24, 'ahu-0', ${newest_ms - 95 * day_ms}, '{"a":1}'), (25, 'ahu-0', ${newest_ms + 8}, '{"a":2}'),
        (26, 'ahu-0', 99999999999999999, '{"a":1}'), (27, 'ahu-0', -5, '{"a":1}')`,
    );
    const to = await place.target('sqlite');
    const report = await place.reported(to, 'telemetry', ['--from-ms', '0'], 1);
    const counts = Object.fromEntries(Object.entries(report.refused).map(([reason, { count }]) => [reason, count]));
    assert.deepEqual(counts, {
      'device_id is not a valid name': 2,
      'timestamp is not a whole number of milliseconds': 4,
      'timestamp is in the future': 1,
      'metrics are not JSON text': 3,
      'metric a must be a number, a boolean or a string': 1,
      'metrics is empty': 1,
      'metrics are no JSON object': 1,
      'metric name "__proto__" is not allowed': 1,
    });
    assert.deepEqual([report.stored, report.expired, report.conflicts.count, report.left_out], [4, 1, 1, 1]);
    assert.equal(report.rows, 20);
  });
});
