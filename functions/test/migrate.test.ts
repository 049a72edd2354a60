import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openBuckets } from './support/buckets.ts';
import { HttpClient } from './support/client.ts';
import { run, serve, type Finished, type Served } from './support/command.ts';
import { contentsOf, LEGACY_HASHES, LEGACY_PASSWORD, makeLegacy, openTarget, type Target } from './support/legacy.ts';
import { MigrationReport } from './support/migration-report.ts';
import { deviceCaller, signIn } from './support/people.ts';
import { STORES, type StoreName } from './support/server.ts';

const HOUR_MS = 3_600_000;

describe('migrate', function () {
  this.timeout(60_000);
  let folder: string;
  let legacy: string;
  let served: Served | undefined;
  let newest_ms: number;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bas-migrate-'));
    legacy = join(folder, 'legacy.sqlite');
    newest_ms = Math.floor(Date.now() / 60_000) * 60_000 - 60_000;
  });
  afterEach(async () => {
    served?.child.kill('SIGKILL');
    await served?.ended;
    served = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  const target = (store: StoreName): Promise<Target> => {
    const data = join(folder, 'data');
    mkdirSync(data);
    return openTarget(store, data);
  };

  function migrate(to: Target, verb: string, more: readonly string[] = []): Promise<Finished> {
    const words = [verb, '--from', legacy, '--to', to.home.kind, '--data', to.folder, '--json', '--rate', '0', ...more];
    return run('migrate', words, { env: to.env });
  }

  async function reported(to: Target, verb: string, more: readonly string[] = [], code = 0): Promise<MigrationReport> {
    const ended = await migrate(to, verb, ['--tenant', 'acme', ...more]);
    assert.equal(ended.code, code, ended.stderr + ended.stdout);
    return MigrationReport.parse(JSON.parse(ended.stdout));
  }

  for (const store of STORES) {
    it(`moves people, events and points, so that they sign in and read them, on ${store}`, async () => {
      makeLegacy(
        legacy,
        { users: 3, events: 8, devices: 2, points_per_device: 300, newest_ms },
        `INSERT INTO users VALUES (99, 'plain', '${LEGACY_HASHES.plain}', 'viewer', NULL)`,
      );
      const to = await target(store);
      const users = await reported(to, 'users', [], 1);
      assert.deepEqual([users.stored, users.verification.equal], [3, 3]);
      assert.deepEqual(users.refused, { 'password hash: plain': { count: 1, examples: ['id 99'] } });
      const audit = await reported(to, 'audit');
      assert.deepEqual([audit.stored, audit.verification.equal, audit.refused], [8, 8, {}]);
      const telemetry = await reported(to, 'telemetry');
      assert.deepEqual([telemetry.stored, telemetry.devices, telemetry.verification.equal], [600, 2, 600]);

      const out = join(folder, 'keys.json');
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

      const stored = JSON.stringify(await contentsOf(to.home));
      assert.equal(
        stored.match(/\$argon2id\$v=19\$m=65536/g)?.length,
        3,
        'every hash was renewed at the first sign-in',
      );
      assert.ok(!stored.includes('pbkdf2:sha256') && !stored.includes('plain$'));
    });

    it(`again changes nothing, and what is stored stays, on ${store}`, async () => {
      makeLegacy(legacy, { users: 3, events: 8, devices: 1, points_per_device: 20, newest_ms });
      const to = await target(store);
      for (const verb of ['users', 'audit', 'telemetry']) await reported(to, verb);
      const before = await contentsOf(to.home);
      for (const [verb, count] of [
        ['users', 3],
        ['audit', 8],
        ['telemetry', 20],
      ] as const) {
        const again = await reported(to, verb);
        assert.deepEqual([again.stored, again.already_there, again.verification.equal], [0, count, count], verb);
        const dry = await reported(to, verb, ['--dry-run']);
        assert.deepEqual([dry.verification.equal, dry.verification.missing.count], [count, 0], verb);
      }
      assert.deepEqual(await contentsOf(to.home), before);

      const db = new Database(legacy);
      db.exec(`UPDATE users SET role = 'viewer' WHERE id = 1; UPDATE audit_log SET ip = '10.9.9.9' WHERE id = 2;
        UPDATE telemetry SET metrics = '{"co2": 7, "humidity": 30}' WHERE id = 20;
        INSERT INTO telemetry VALUES (21, 'ahu-0', ${newest_ms - 61_000}, '{"co2": 8}')`);
      db.close();
      const users = await reported(to, 'users', [], 1);
      assert.deepEqual(users.conflicts, {
        count: 1,
        examples: ['person-0 of acme: another role is stored'],
      });
      const audit = await reported(to, 'audit', [], 1);
      assert.match(audit.conflicts.examples[0] ?? '', /^event [0-9a-f-]{36}: another ip is stored$/);
      const telemetry = await reported(to, 'telemetry', [], 1);
      assert.deepEqual([telemetry.stored, telemetry.already_there, telemetry.verification.different.count], [1, 19, 1]);
      assert.deepEqual(telemetry.conflicts.examples, [`ahu-0 of acme at ${newest_ms}: another value is there (co2)`]);
      const after = await contentsOf(to.home);
      assert.deepEqual(after['users'], before['users']);
      assert.deepEqual(after['audit_log'], before['audit_log']);
      assert.ok(JSON.stringify(after).includes(String.raw`{\"co2\":8}`));
      assert.ok(!JSON.stringify(after).includes('humidity'));
    });

    it(`in a dry run changes nothing and says what it would do, on ${store}`, async () => {
      makeLegacy(legacy, { users: 3, events: 8, devices: 1, points_per_device: 20, newest_ms });
      const to = await target(store);
      const before = await contentsOf(to.home);
      for (const [verb, count] of [
        ['users', 3],
        ['audit', 8],
        ['telemetry', 20],
      ] as const) {
        const { stored, verification, rows } = await reported(to, verb, ['--dry-run']);
        assert.deepEqual([stored, verification.missing.count, rows], [0, count, count], verb);
      }
      assert.deepEqual(await contentsOf(to.home), before);
    });

    it(`takes points in whole buckets of what is asked for, one write each, on ${store}`, async () => {
      // Ten points an hour: a bucket is a day.
      makeLegacy(legacy, { devices: 2, points_per_device: 240 * 4, interval_ms: HOUR_MS / 10, newest_ms });
      const to = await target(store);
      const from_ms = newest_ms - 30 * HOUR_MS;
      const report = await reported(to, 'telemetry', ['--from-ms', String(from_ms)]);
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
    makeLegacy(legacy, { devices: 1, points_per_device: 200, interval_ms: 60_000, newest_ms });
    const to = await target('firestore');
    const box = await openTarget('sqlite', to.folder);
    const registered = await run(
      'admin',
      ['issue-keys', '--tenant', 'acme', '--device', 'ahu-0', '--register', '--data', to.folder],
      box,
    );
    assert.equal(registered.code, 0, registered.stderr);
    await reported(box, 'telemetry');
    await reported(to, 'telemetry');
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
    makeLegacy(legacy, { devices: 1, points_per_device: 120, newest_ms });
    const to = await target('sqlite');
    const start = { 'telemetry-backfill-start-ms': String(newest_ms - 10 * 60_000) };
    const env = { ...to, env: { ...to.env, ...start } };
    assert.equal((await reported(env, 'telemetry', ['--dry-run'])).from_ms, newest_ms - 10 * 60_000);
    const told = await reported(env, 'telemetry', ['--dry-run', '--days', '2']);
    assert.equal(told.now_ms - told.from_ms, 48 * HOUR_MS);
  });

  it('reads other tables and columns by a mapping, tenants by their column, and lets fast hashes in when told', async () => {
    const db = new Database(legacy);
    db.exec(`CREATE TABLE people (uid TEXT, site TEXT, login TEXT, pw TEXT, grp TEXT, enabled INTEGER);
      INSERT INTO people VALUES ('0C5AE3AB-3BDB-4F0D-9A3E-3AD0B2A3E1F2', 'north', 'Amy', '${LEGACY_HASHES.pbkdf2}', 'Boss', 1),
        ('7', 'south', 'amy', 'md5$aB3dE5gH$75fbacdeaf6d377236d38a8d92ac4c94', 'Staff', 0);
      CREATE TABLE readings (n INTEGER PRIMARY KEY, site TEXT, unit INTEGER, at REAL, t REAL, h INTEGER, note TEXT);
      INSERT INTO readings VALUES (1, 'north', 7, ${newest_ms}.0, 21.5, NULL, 'x'), (2, 'south', 7, ${newest_ms}, NULL, 40, NULL),
        (3, 'north', 7, ${newest_ms - 1_000}, NULL, NULL, NULL)`);
    db.close();
    const map = join(folder, 'map.json');
    const users = { table: 'people', tenant: 'site', id: 'uid', username: 'login', password_hash: 'pw', role: 'grp' };
    const telemetry = { table: 'readings', tenant: 'site', id: 'n', device_id: 'unit', timestamp_ms: 'at' };
    const mapping = {
      users: { ...users, active: 'enabled', roles: { boss: 'admin', staff: 'viewer' }, allow_salted_fast: true },
      telemetry: { ...telemetry, metrics: { columns: { t: 'temperature', h: 'humidity' } } },
    };
    writeFileSync(map, JSON.stringify(mapping));
    const to = await target('sqlite');
    const people = await migrate(to, 'users', ['--map', map]);
    assert.equal(people.code, 0, people.stdout);
    const points = await migrate(to, 'telemetry', ['--map', map]);
    assert.equal(points.code, 1);
    assert.deepEqual(MigrationReport.parse(JSON.parse(points.stdout)).refused, {
      'metrics is empty': { count: 1, examples: ['id 3'] },
    });
    const { users: stored = [], telemetry: kept, tenants } = await contentsOf(to.home);
    const shown = stored as {
      user_id: string;
      tenant_id: string;
      username: string;
      disabled: number;
      algo_params: string;
    }[];
    const north = shown.find(({ tenant_id }) => tenant_id === 'north');
    const south = shown.find(({ tenant_id }) => tenant_id === 'south');
    assert.equal(north?.user_id, '0c5ae3ab-3bdb-4f0d-9a3e-3ad0b2a3e1f2');
    assert.match(south?.user_id ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.deepEqual([south?.username, south?.disabled, south?.algo_params], ['amy', 1, '{"algorithm":"hmac"}']);
    assert.deepEqual(kept, [
      { tenant_id: 'north', device_id: '7', timestamp_ms: newest_ms, metrics: '{"temperature":21.5}' },
      { tenant_id: 'south', device_id: '7', timestamp_ms: newest_ms, metrics: '{"humidity":40}' },
    ]);
    assert.equal(tenants?.length, 3);
    const one = await migrate(to, 'users', ['--map', map, '--tenant', 'north']);
    assert.match(one.stdout, /"left_out":1/);
  });

  it('tells every row that cannot be stored, by reason and example, and stores the rest', async () => {
    const day_ms = 24 * HOUR_MS;
    makeLegacy(
      legacy,
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
    const to = await target('sqlite');
    const report = await reported(to, 'telemetry', ['--from-ms', '0'], 1);
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
