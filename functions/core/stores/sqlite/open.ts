import type { Database } from 'better-sqlite3';
import { SetupError } from '../../errors.ts';
import type { Meter } from '../../observability/meter.ts';
import type { Backend, CredentialStore, Stores, TenantStores } from '../contracts.ts';
import { SqliteAuditLog } from './audit.ts';
import { SqliteDevices } from './devices.ts';
import { Access, cannotUse, openFile } from './driver.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { SqliteSessions } from './sessions.ts';
import { SqliteSweeps } from './sweeps.ts';
import { NO_SEEDS, type Seeds } from '../../model/flags.ts';
import type { Journal } from '../journal.ts';
import type { ServiceHistory } from '../service-history.ts';
import { sqliteJournal } from './journal/journal.ts';
import { prepareTables, type Scope, type Tables } from './tables.ts';
import { SqliteTelemetry } from './telemetry.ts';
import { SqliteTenants } from './tenants.ts';
import { sqliteServiceHistory } from './service-history.ts';
import { SqliteThrottle } from './throttle.ts';
import { SqliteUsage } from './usage.ts';
import { SqliteUsers } from './users.ts';

export interface SqliteOptions {
  readonly busy_timeout_ms?: number;
  /** Hold until a first move of the cutover writes the running values. */
  readonly seeds?: Seeds;
}

/** A backend that also keeps what a move to Firestore needs, and what was answered. */
export interface SqliteHome extends Backend {
  readonly journal: Journal;
  readonly history: ServiceHistory;
}

/**
 * The store of one box: a file that several processes of one machine may share, and that two machines never may. Between
 * calls it remembers nothing that it cannot show to be unchanged, so every process sees at once what another committed.
 */
// eslint-disable-next-line @typescript-eslint/require-await -- opening is part of the backends' asynchronous contract
export async function openSqlite(file: string, options: SqliteOptions = {}): Promise<SqliteHome> {
  const db = openFile(file, options.busy_timeout_ms);
  const tables = prepare(db);
  return {
    name: 'sqlite',
    journal: sqliteJournal(db, tables, options.seeds ?? NO_SEEDS),
    history: sqliteServiceHistory(db),
    withMeter: (meter) => storesOf(db, tables, meter),
    close: () => {
      db.close();
      return Promise.resolve();
    },
  };
}

function prepare(db: Database): Tables {
  try {
    migrate(db, MIGRATIONS);
    return prepareTables(db);
  } catch (error) {
    const file = db.name;
    db.close();
    throw error instanceof SetupError ? error : cannotUse(file, error);
  }
}

function storesOf(db: Database, tables: Tables, meter: Meter): Stores {
  const access = new Access(db, meter);
  return {
    credentials: credentialsOf(access, tables),
    tenants: new SqliteTenants(access, tables),
    throttle: new SqliteThrottle(access, tables.throttle),
    sweeps: new SqliteSweeps(access, tables),
    forTenant: (tenant_id) => tenantStores({ access, tables, tenant_id }),
  };
}

function credentialsOf(access: Access, tables: Tables): CredentialStore {
  return {
    findKey: (key_id) => access.read(() => tables.keys.find(key_id)),
    findSession: (token_sha256) => access.read(() => tables.sessions.find(token_sha256)),
    endedByMove: (token_sha256, now_ms) => access.read(() => tables.state.wasEnded(token_sha256, now_ms)),
  };
}

function tenantStores(scope: Scope): TenantStores {
  return {
    tenant_id: scope.tenant_id,
    telemetry: new SqliteTelemetry(scope),
    devices: new SqliteDevices(scope),
    users: new SqliteUsers(scope),
    sessions: new SqliteSessions(scope),
    audit: new SqliteAuditLog(scope),
    usage: new SqliteUsage(scope),
  };
}
