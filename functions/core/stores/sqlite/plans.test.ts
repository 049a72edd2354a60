import Driver, { type Database } from 'better-sqlite3';
import assert from 'node:assert/strict';
import { ACCOUNT_POLICY } from '../../model/throttle.ts';
import { ACME, NOW_MS, aDevice, aKey, aSession, aTenant, aUser, anEvent } from '../suite/fixtures.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { prepareTables, type Tables } from './tables.ts';

/** Statements that sort the ten sessions of one user, or the two keys of one device. */
const FEW_ROWS = /FROM sessions WHERE tenant_id = '\w+' AND user_id|json_group_array\(/;

/** With many rows, one statement that reads a whole table would be the end of "last 100 in no time". */
describe('SQLite query plans', () => {
  const statements = new Set<string>();
  let db: Database;

  before(() => {
    db = new Driver(':memory:');
    migrate(db, MIGRATIONS);
    const recording = new Driver(db.serialize(), { verbose: (sql) => statements.add(String(sql)) });
    runEverything(prepareTables(recording));
    recording.close();
  });

  after(() => db.close());

  it('never read a whole table, nor sort what a key has sorted', () => {
    assert(statements.size >= 30, 'most statements were recorded');
    for (const sql of statements) {
      const plan = db
        .prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .map(({ detail }) => detail);
      const scans = plan.filter((detail) => /^SCAN (?!CONSTANT)/.test(detail));
      const sorts = plan.filter((detail) => detail.includes('USE TEMP B-TREE'));
      assert.deepEqual([scans, FEW_ROWS.test(sql) ? [] : sorts], [[], []], sql);
    }
  });
});

function runEverything(tables: Tables): void {
  const { telemetry, devices, keys, users, sessions, audit, tenants, throttle, sweeps, usage } = tables;
  const [device, key, user] = [aDevice(), aKey(), aUser()];
  const session = aSession(user);
  const counts = { reads: 1, writes: 0, deletes: 0, points: 0 };
  usage.add(ACME, { day: '2026-03-17', shard: 0, rows: [{ function: 'users', device_id: null, ...counts }] });
  usage.list(ACME, { day: '2026-03-17', shard: 0 }, '2026-03-18', 2);
  sweeps.usage.run('2026-03-17', 10);
  tenants.insert(aTenant());
  tenants.get(ACME);
  tenants.list({ limit: 10 });
  tenants.setDisabled(ACME, true);
  devices.insert(device);
  keys.insert(key);
  devices.get(ACME, device.device_id);
  devices.list(ACME, { limit: 10 });
  devices.update(device);
  devices.seen(ACME, device.device_id, NOW_MS);
  keys.find(key.key_id);
  keys.used(ACME, device.device_id, key.key_id, NOW_MS);
  keys.revoke(ACME, device.device_id, key.key_id, NOW_MS);
  users.insert(user);
  users.get(ACME, user.user_id);
  users.findByUsername(ACME, user.username);
  users.list(ACME, { limit: 10 });
  users.update(user);
  users.hasOther(user, ['admin']);
  sessions.insert(session);
  sessions.find(session.token_sha256);
  sessions.ofUser(ACME, user.user_id);
  sessions.touch(ACME, session.token_sha256, NOW_MS, session.fingerprint);
  sessions.removeBeyond(10, session);
  sessions.revoke(ACME, user.user_id, session.session_id);
  sessions.remove(ACME, session.token_sha256);
  sessions.removeOfUser(ACME, user.user_id);
  sessions.removeOfTenant(ACME);
  sessions.removeUntil(NOW_MS, NOW_MS);
  throttle.put('key', { failures: 1, blocked_until_ms: 0, updated_ms: 0 }, ACCOUNT_POLICY);
  throttle.get('key');
  throttle.remove('key');
  throttle.removeForgotten(NOW_MS);
  telemetry.page(device, 0, NOW_MS, 100);
  telemetry.bucket(device, 0).metricsAt(0);
  telemetry.apply(device, { start_ms: 0, end_ms: 1, bytes: 1, points: new Map([[0, '{}']]) }, NOW_MS);
  telemetry.putBudget(device, { minute_ms: 0, used: 1 });
  telemetry.budget(device);
  audit.insert(anEvent());
  for (const filter of [
    {},
    { user_id: 'u' },
    { action: 'auth.login' },
    { user_id: 'u', action: 'auth.login' },
  ] as const) {
    audit.query(ACME, { start_ms: 0, end_ms: NOW_MS, ...filter }, { limit: 100 });
  }
  const expired = { tenant_id: ACME, device_id: device.device_id, cutoff_ms: NOW_MS, batch: 10 };
  sweeps.nextDevice.get(device);
  sweeps.points.run(expired);
  sweeps.buckets.run(expired);
  sweeps.auditEvents.run(NOW_MS, 10);
}
