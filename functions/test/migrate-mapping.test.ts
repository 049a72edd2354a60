import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { contentsOf, LEGACY_HASHES } from './support/legacy.ts';
import { MigrationPlace } from './support/migration.ts';
import { MigrationReport } from './support/migration-report.ts';

describe('migrate with a mapping', function () {
  this.timeout(60_000);
  let place: MigrationPlace;
  let newest_ms: number;

  beforeEach(() => {
    place = new MigrationPlace();
    ({ newest_ms } = place);
  });
  afterEach(() => place.remove());

  it('reads other tables and columns by a mapping, tenants by their column, and lets fast hashes in when told', async () => {
    const db = new Database(place.legacy);
    db.exec(`CREATE TABLE people (uid TEXT, site TEXT, login TEXT, pw TEXT, grp TEXT, enabled INTEGER);
      INSERT INTO people VALUES ('0C5AE3AB-3BDB-4F0D-9A3E-3AD0B2A3E1F2', 'north', 'Amy', '${LEGACY_HASHES.pbkdf2}', 'Boss', 1),
        ('7', 'south', 'amy', 'md5$aB3dE5gH$75fbacdeaf6d377236d38a8d92ac4c94', 'Staff', 0);
      CREATE TABLE readings (n INTEGER PRIMARY KEY, site TEXT, unit INTEGER, at REAL, t REAL, h INTEGER, note TEXT);
      INSERT INTO readings VALUES (1, 'north', 7, ${newest_ms}.0, 21.5, NULL, 'x'), (2, 'south', 7, ${newest_ms}, NULL, 40, NULL),
        (3, 'north', 7, ${newest_ms - 1_000}, NULL, NULL, NULL)`);
    db.close();
    const map = join(place.folder, 'map.json');
    const users = { table: 'people', tenant: 'site', id: 'uid', username: 'login', password_hash: 'pw', role: 'grp' };
    const telemetry = { table: 'readings', tenant: 'site', id: 'n', device_id: 'unit', timestamp_ms: 'at' };
    const mapping = {
      users: { ...users, active: 'enabled', roles: { boss: 'admin', staff: 'viewer' }, allow_salted_fast: true },
      telemetry: { ...telemetry, metrics: { columns: { t: 'temperature', h: 'humidity' } } },
    };
    writeFileSync(map, JSON.stringify(mapping));
    const to = await place.target('sqlite');
    const people = await place.migrate(to, 'users', ['--map', map]);
    assert.equal(people.code, 0, people.stdout);
    const points = await place.migrate(to, 'telemetry', ['--map', map]);
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
    const one = await place.migrate(to, 'users', ['--map', map, '--tenant', 'north']);
    assert.match(one.stdout, /"left_out":1/);
  });
});
