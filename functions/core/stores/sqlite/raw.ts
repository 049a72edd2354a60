import type { Database } from 'better-sqlite3';
import type { WriteBudget } from '../../budgets/device-writes.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { WidthHistory } from '../../model/bucket.ts';
import type { AlgoParams, Session, Tags, Tenant, User } from '../../model/entities.ts';
import type { Point } from '../../model/point.ts';
import type { ThrottleState } from '../../model/throttle.ts';
import { usageExpiry_ms } from '../../model/usage.ts';
import type { RawBucket, RawDevice, RawDump, RawKey, RawStore, RawUsage } from '../suite/harness.ts';

/** What a query answers before anything is converted. */
type Row<T, Flags extends keyof T, Texts extends keyof T = never> = Omit<T, Flags | Texts> &
  Record<Flags, number> &
  Record<Texts, string>;

type DeviceRow = Row<RawDevice, 'disabled', 'tags' | 'widths'>;
type UserRow = Row<User, 'disabled', 'algo_params'>;
type SessionRow = Omit<Session, 'fingerprint'> & { fingerprint_agent: string; fingerprint_network: string };

/** Reads the tables with SQL of its own, so that the suite need not believe the backend. */
export function rawSqlite(db: Database): RawStore {
  const all = <T>(sql: string, ...parameters: string[]) =>
    Promise.resolve(db.prepare<string[], T>(sql).all(...parameters));
  const ofDevice = 'WHERE tenant_id = ? AND device_id = ?';
  const first = <T>(rows: readonly T[]): T | null => rows[0] ?? null;
  return {
    points: (tenant_id, device_id) =>
      all<Point>(`SELECT timestamp_ms, metrics FROM telemetry ${ofDevice} ORDER BY timestamp_ms`, tenant_id, device_id),
    buckets: (tenant_id, device_id) =>
      all<RawBucket>(
        `SELECT start_ms, bytes FROM telemetry_buckets ${ofDevice} ORDER BY start_ms`,
        tenant_id,
        device_id,
      ),
    writeBudget: async (tenant_id, device_id) =>
      first(await all<WriteBudget>(`SELECT minute_ms, used FROM write_budget ${ofDevice}`, tenant_id, device_id)),
    device: async (tenant_id, device_id) =>
      first((await all<DeviceRow>(`SELECT * FROM devices ${ofDevice}`, tenant_id, device_id)).map(toDevice)),
    keys: (tenant_id, device_id) =>
      all<RawKey>(`SELECT * FROM device_keys ${ofDevice} ORDER BY key_id`, tenant_id, device_id),
    users: async (tenant_id) =>
      (await all<UserRow>('SELECT * FROM users WHERE tenant_id = ? ORDER BY user_id', tenant_id)).map(toUser),
    sessions: async (tenant_id) =>
      (await all<SessionRow>('SELECT * FROM sessions WHERE tenant_id = ? ORDER BY token_sha256', tenant_id)).map(
        toSession,
      ),
    auditEvents: (tenant_id) =>
      all<AuditEvent>('SELECT * FROM audit_log WHERE tenant_id = ? ORDER BY event_id', tenant_id),
    tenant: async (tenant_id) => {
      const rows = await all<Row<Tenant, 'disabled'>>('SELECT * FROM tenants WHERE tenant_id = ?', tenant_id);
      return first(rows.map((row) => ({ ...row, disabled: row.disabled !== 0 })));
    },
    usage: async (tenant_id) => {
      const columns = 'day, shard, function, device_id, reads, writes, deletes, points';
      const sql = `SELECT ${columns} FROM usage WHERE tenant_id = ? ORDER BY day, shard, device_id, function`;
      const rows = await all<RawUsage & { device_id: string }>(sql, tenant_id);
      return rows.map((row) => ({ ...row, device_id: row.device_id || null, expire_ms: usageExpiry_ms(row.day) }));
    },
    throttle: async (key) =>
      first(await all<ThrottleState>('SELECT failures, blocked_until_ms, updated_ms FROM throttle WHERE key = ?', key)),
    dump: () => Promise.resolve(dump(db)),
  };
}

/** Tables that hold data. */
export function tableNames(db: Database): readonly string[] {
  return db
    .prepare<[], { name: string }>(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'schema_migrations' ORDER BY name`,
    )
    .all()
    .map(({ name }) => name);
}

function dump(db: Database): RawDump {
  const rows = (table: string): unknown[] => db.prepare<[]>(`SELECT * FROM ${table}`).all();
  return Object.fromEntries(tableNames(db).map((table) => [table, rows(table)]));
}

function toDevice({ tags, widths, disabled, ...row }: DeviceRow): RawDevice {
  return {
    ...row,
    tags: JSON.parse(tags) as Tags,
    widths: JSON.parse(widths) as WidthHistory,
    disabled: disabled !== 0,
  };
}

function toUser({ disabled, algo_params, ...row }: UserRow): User {
  return { ...row, disabled: disabled !== 0, algo_params: JSON.parse(algo_params) as AlgoParams };
}

function toSession({ fingerprint_agent: agent, fingerprint_network: network, ...row }: SessionRow): Session {
  return { ...row, fingerprint: { agent, network } };
}
