import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { HttpClient } from './support/client.ts';
import { run, serve, type Served } from './support/command.ts';
import { contentsOf, LEGACY_HASHES, LEGACY_PASSWORD, makeLegacy } from './support/legacy.ts';
import { MigrationPlace } from './support/migration.ts';
import { deviceCaller, signIn } from './support/people.ts';
import { STORES } from './support/server.ts';

describe('migrate', function () {
  this.timeout(60_000);
  let served: Served | undefined;
  let place: MigrationPlace;
  let newest_ms: number;

  beforeEach(() => {
    place = new MigrationPlace();
    ({ newest_ms } = place);
  });
  afterEach(async () => {
    served?.child.kill('SIGKILL');
    await served?.ended;
    served = undefined;
    place.remove();
  });

  for (const store of STORES) {
    it(`moves people, events and points, so that they sign in and read them, on ${store}`, async () => {
      makeLegacy(
        place.legacy,
        { users: 3, events: 8, devices: 2, points_per_device: 300, newest_ms },
        `INSERT INTO users VALUES (99, 'plain', '${LEGACY_HASHES.plain}', 'viewer', NULL)`,
      );
      const to = await place.target(store);
      const users = await place.reported(to, 'users', [], 1);
      assert.deepEqual([users.stored, users.verification.equal], [3, 3]);
      assert.deepEqual(users.refused, { 'password hash: plain': { count: 1, examples: ['id 99'] } });
      const audit = await place.reported(to, 'audit');
      assert.deepEqual([audit.stored, audit.verification.equal, audit.refused], [8, 8, {}]);
      const telemetry = await place.reported(to, 'telemetry');
      assert.deepEqual([telemetry.stored, telemetry.devices, telemetry.verification.equal], [600, 2, 600]);

      const out = join(place.folder, 'keys.json');
      const issued = await run('admin', ['issue-keys', '--tenant', 'acme', '--out', out, '--data', to.folder], to);
      assert.equal(issued.code, 0, issued.stderr);
      const keys = JSON.parse(readFileSync(out, 'utf8')) as { devices: { device_id: string; key: string }[] };
      assert.deepEqual(
        keys.devices.map(({ device_id }) => device_id),
        ['ahu-0', 'ahu-1'],
      );

      served = await serve(['--data', to.folder], { ...to.env, READ_CACHE: 'none' });
      const client = new HttpClient(served.url);
      const person = (username: string, password: string) => signIn(client, { tenant_id: 'acme', username, password });
      for (const username of ['person-0', 'person-1', 'person-2']) {
        await assert.rejects(person(username, 'incorrect horse'), /401/);
        await person(username, LEGACY_PASSWORD);
        await person(username, LEGACY_PASSWORD);
        await assert.rejects(person(username, 'incorrect horse'), /401/);
      }
      await assert.rejects(person('plain', LEGACY_PASSWORD), /401/);
      const amy = await person('person-0', LEGACY_PASSWORD);
      const page = await amy.get('/v1/telemetry/recent?device_id=ahu-1&limit=1000');
      const points = page.member('points') as { timestamp_ms: number; metrics: unknown }[];
      assert.equal(points.length, 300);
      assert.deepEqual(points[0], {
        timestamp_ms: newest_ms,
        metrics: { co2: 400, occupied: true, temperature: 20.1 },
      });
      const logins = (await amy.get('/v1/audit?action=auth.login')).text;
      assert.match(logins, /"outcome":"failure"[^}]*"ip":"10\.0\.0\.7"[^}]*"source":"sqlite_backfill"/);
      assert.match((await amy.get('/v1/audit?action=legacy.event')).text, /"detail":"report\.export: detail 3"/);
      const posted = { device_id: 'ahu-0', points: [{ timestamp_ms: Date.now(), metrics: { co2: 1 } }] };
      const device = deviceCaller(client, 'acme', keys.devices[0]?.key ?? '');
      assert.equal((await device.post('/v1/telemetry', posted)).status, 200);
      client.close();

      const contents = await contentsOf(to.home);
      const [stored, people] = [JSON.stringify(contents), JSON.stringify(contents['users'])];
      assert.equal(
        stored.match(/\$argon2id\$v=19\$m=65536/g)?.length,
        3,
        'every hash was renewed at the first sign-in',
      );
      assert.ok(!stored.includes('pbkdf2:sha256') && !stored.includes('plain$'));

      const again = await place.reported(to, 'users', [], 1);
      const { equal, renewed, different } = again.verification;
      assert.deepEqual([equal, renewed, different.count, again.conflicts.count], [3, 3, 0, 0]);
      assert.equal(JSON.stringify((await contentsOf(to.home))['users']), people, 'the renewed hashes stay');
    });

    it(`again changes nothing, and what is stored stays, on ${store}`, async () => {
      makeLegacy(place.legacy, { users: 3, events: 8, devices: 1, points_per_device: 20, newest_ms });
      const to = await place.target(store);
      for (const verb of ['users', 'audit', 'telemetry']) await place.reported(to, verb);
      const before = await contentsOf(to.home);
      for (const [verb, count] of [
        ['users', 3],
        ['audit', 8],
        ['telemetry', 20],
      ] as const) {
        const again = await place.reported(to, verb);
        assert.deepEqual([again.stored, again.already_there, again.verification.equal], [0, count, count], verb);
        const dry = await place.reported(to, verb, ['--dry-run']);
        assert.deepEqual([dry.verification.equal, dry.verification.missing.count], [count, 0], verb);
      }
      assert.deepEqual(await contentsOf(to.home), before);

      const db = new Database(place.legacy);
      db.exec(`UPDATE users SET role = 'viewer' WHERE id = 1; UPDATE audit_log SET ip = '10.9.9.9' WHERE id = 2;
        UPDATE telemetry SET metrics = '{"co2": 7, "humidity": 30}' WHERE id = 20;
        INSERT INTO telemetry VALUES (21, 'ahu-0', ${newest_ms - 61_000}, '{"co2": 8}')`);
      db.close();
      const users = await place.reported(to, 'users', [], 1);
      assert.deepEqual(users.conflicts, {
        count: 1,
        examples: ['person-0 of acme: another role is stored'],
      });
      const audit = await place.reported(to, 'audit', [], 1);
      assert.match(audit.conflicts.examples[0] ?? '', /^event [0-9a-f-]{36}: another ip is stored$/);
      const telemetry = await place.reported(to, 'telemetry', [], 1);
      assert.deepEqual([telemetry.stored, telemetry.already_there, telemetry.verification.different.count], [1, 19, 1]);
      assert.deepEqual(telemetry.conflicts.examples, [`ahu-0 of acme at ${newest_ms}: another value is there (co2)`]);
      const after = await contentsOf(to.home);
      assert.deepEqual(after['users'], before['users']);
      assert.deepEqual(after['audit_log'], before['audit_log']);
      assert.ok(JSON.stringify(after).includes(String.raw`{\"co2\":8}`));
      assert.ok(!JSON.stringify(after).includes('humidity'));
    });

    it(`in a dry run changes nothing and says what it would do, on ${store}`, async () => {
      makeLegacy(place.legacy, { users: 3, events: 8, devices: 1, points_per_device: 20, newest_ms });
      const to = await place.target(store);
      const before = await contentsOf(to.home);
      for (const [verb, count] of [
        ['users', 3],
        ['audit', 8],
        ['telemetry', 20],
      ] as const) {
        const { stored, verification, rows } = await place.reported(to, verb, ['--dry-run']);
        assert.deepEqual([stored, verification.missing.count, rows], [0, count, count], verb);
      }
      assert.deepEqual(await contentsOf(to.home), before);
    });
  }
});
