import type { Database } from 'better-sqlite3';
import { AuditTable } from './audit.ts';
import { DeviceTable, KeyTable } from './device-tables.ts';
import type { Access } from './driver.ts';
import { StateTables } from './journal/state-tables.ts';
import { SessionTable } from './session-table.ts';
import { SweepStatements } from './sweeps.ts';
import { TelemetryTable } from './telemetry-table.ts';
import { TenantTable } from './tenants.ts';
import { ThrottleTable } from './throttle.ts';
import { UsageTable } from './usage.ts';
import { UserTable } from './users.ts';

/** Every table with its statements, prepared once per handle. */
export interface Tables {
  readonly telemetry: TelemetryTable;
  readonly devices: DeviceTable;
  readonly keys: KeyTable;
  readonly users: UserTable;
  readonly sessions: SessionTable;
  readonly audit: AuditTable;
  readonly usage: UsageTable;
  readonly tenants: TenantTable;
  readonly throttle: ThrottleTable;
  readonly sweeps: SweepStatements;
  readonly state: StateTables;
}

export function prepareTables(db: Database): Tables {
  const keys = new KeyTable(db);
  return {
    telemetry: new TelemetryTable(db),
    devices: new DeviceTable(db),
    keys,
    users: new UserTable(db),
    sessions: new SessionTable(db),
    audit: new AuditTable(db),
    usage: new UsageTable(db),
    tenants: new TenantTable(db),
    throttle: new ThrottleTable(db),
    sweeps: new SweepStatements(db),
    state: new StateTables(db),
  };
}

/** One request inside one tenant. */
export interface Scope {
  readonly access: Access;
  readonly tables: Tables;
  readonly tenant_id: string;
}
