/** What is sent wrongly and shown one by one; `functions/fuzz/requests` makes the rest up. */
import assert from 'node:assert/strict';
import devices from '../src/https/devices.ts';
import ingestTelemetry from '../src/https/ingest-telemetry.ts';
import recentTelemetry from '../src/https/recent-telemetry.ts';
import session from '../src/https/session.ts';
import users from '../src/https/users.ts';
import windowTelemetry from '../src/https/window-telemetry.ts';
import type { Caller } from './support/client.ts';
import { startServer, STORES, type Browser, type TestServer } from './support/server.ts';

const DOORS = [devices, ingestTelemetry, recentTelemetry, session, users, windowTelemetry];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

for (const store of STORES) {
  describe(`bad input on ${store}`, function () {
    this.timeout(20_000);
    let server: TestServer;
    let admin: Browser;
    let device: Caller;

    before(async () => {
      server = await startServer({ store, doors: DOORS });
      await server.seed.tenant('acme');
      admin = await server.signIn(await server.seed.user({ tenant_id: 'acme', role: 'admin' }));
      device = server.device(await server.seed.device({ tenant_id: 'acme', device_id: 'ahu-1' }));
    });
    after(() => server.close());

    it('an id of slashes, dots, underscores, NUL, too many bytes, or in no encoding is refused, always as the same', async () => {
      const ids = ['a%2Fb%2Fc', '..%2f..', '__x__', '%00', 'a%00b', 'x'.repeat(1_501), '%252F', '%ff', '%', '%c0%af'];
      for (const id of ids) {
        const answer = await admin.get(`/v1/devices/${id}`);
        assert.deepEqual([answer.status, answer.code], [400, 'malformed_request'], id);
      }
    });

    it('names that mean something to JavaScript, Firestore or SQL are stored as they are, or refused', async () => {
      const timestamp_ms = server.clock.now_ms() - 1_000;
      const metrics = { toString: 1, hasOwnProperty: 2, __x__: 3, 'a.b': 4, valueOf: 5, __defineGetter__: 6 };
      const posted = await device.post('/v1/telemetry', { device_id: 'ahu-1', points: [{ timestamp_ms, metrics }] });
      assert.equal(posted.status, 200, posted.text);
      const shown = await admin.get('/v1/telemetry/recent?device_id=ahu-1&limit=1');
      assert.deepEqual(shown.member('points'), [{ timestamp_ms, metrics }]);
      const tags = { __x__: 'a', _id: "' OR 1=1 --", toString: '%_' };
      assert.equal((await admin.patch('/v1/devices/ahu-1', { tags })).status, 200);
      assert.deepEqual((await admin.get('/v1/devices/ahu-1')).member('tags'), tags);
      for (const name of ['a`b', '`', 'a b', '*', 'a/b', '$ne', "' OR 1=1", '%_', 'é']) {
        const points = [{ timestamp_ms: timestamp_ms - 1, metrics: { [name]: 1 } }];
        assert.equal(
          (await device.post('/v1/telemetry', { device_id: 'ahu-1', points })).code,
          'nothing_accepted',
          name,
        );
      }
    });

    it('times of other centuries, in seconds, or that no double holds are refused by point', async () => {
      const now_ms = server.clock.now_ms();
      const bad: readonly (readonly [unknown, string])[] = [
        [now_ms + 3_650 * DAY_MS, 'timestamp_in_future'],
        [now_ms - 3_650 * DAY_MS, 'timestamp_too_old'],
        [Math.floor(now_ms / 1_000), 'timestamp_too_old'],
        [now_ms * 1_000, 'timestamp_in_future'],
        [now_ms + 0.5, 'invalid_point'],
        [-1, 'invalid_point'],
        [2 ** 53, 'invalid_point'],
        ['2026-06-30T23:59:60Z', 'invalid_point'],
      ];
      const points = bad.map(([timestamp_ms]) => ({ timestamp_ms, metrics: { a: 1 } }));
      const answer = await device.post('/v1/telemetry', { device_id: 'ahu-1', points });
      assert.equal(answer.code, 'nothing_accepted');
      const rejected = answer.member('rejected') as readonly { readonly code: string }[];
      assert.deepEqual(
        rejected.map(({ code }) => code),
        bad.map(([, code]) => code),
      );
    });

    it('limits and windows out of bounds, and cursors of other questions, are refused', async () => {
      const now_ms = server.clock.now_ms();
      const first = await admin.get('/v1/users?limit=1');
      await admin.post('/v1/users', { username: 'second', password: 'long enough for all', role: 'viewer' });
      const cursor = String((await admin.get('/v1/users?limit=1')).member('next_cursor'));
      assert.equal(first.status, 200);
      const flipped = `${cursor.slice(0, -2)}${cursor.endsWith('AA') ? 'BB' : 'AA'}`;
      const window = (start_ms: number, end_ms: number): string =>
        `/v1/telemetry/window?device_id=ahu-1&start_ms=${start_ms}&end_ms=${end_ms}`;
      for (const [path, code] of [
        ['/v1/users?limit=0', 'malformed_request'],
        ['/v1/users?limit=-1', 'malformed_request'],
        ['/v1/users?limit=1000000000', 'malformed_request'],
        [window(now_ms, now_ms - HOUR_MS), 'malformed_request'],
        [window(now_ms - 36_500 * DAY_MS, now_ms), 'malformed_request'],
        [`/v1/users?limit=2&cursor=${cursor}`, 'invalid_cursor'],
        [`/v1/devices?limit=1&cursor=${cursor}`, 'invalid_cursor'],
        [`/v1/users?limit=1&cursor=${flipped}`, 'invalid_cursor'],
        [`/v1/users?limit=1&cursor=${'x'.repeat(5_000)}`, 'invalid_cursor'],
      ] as const) {
        const answer = await admin.get(path);
        assert.deepEqual([answer.status, answer.code], [400, code], path.slice(0, 80));
      }
      assert.equal((await admin.get(`/v1/users?limit=1&cursor=${cursor}`)).status, 200);
    });
  });
}
