import Driver, { type Database } from 'better-sqlite3';
import { existsSync } from 'node:fs';
import { SetupError } from '../../errors.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { BucketSpan } from '../../model/bucket.ts';
import type { Device, Tenant, User } from '../../model/entities.ts';
import { planWrite, type Receipt } from '../../model/write-plan.ts';
import type { Clock } from '../../clock.ts';
import type { ImportBucket, ImportStore } from '../import.ts';
import { cannotUse, openFile } from './driver.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { prepareTables, type Tables } from './tables.ts';

/** A box that is running writes too: a bulk import waits longer for its turn than a request may. */
const BUSY_TIMEOUT_MS = 30_000;
/** More points than any bucket can hold. */
const WHOLE_BUCKET = 100_000;

/** The box's file, which must be there. Rows go through the same tables as a request's, and leave the same marks. */
export function openSqliteImport(file: string, clock: Clock): ImportStore {
  if (!existsSync(file)) throw new SetupError(`There is no ${file}: check --data, or begin with admin create-tenant.`);
  const db = openFile(file, BUSY_TIMEOUT_MS);
  try {
    migrate(db, MIGRATIONS);
    return new SqliteImport(db, prepareTables(db), clock);
  } catch (error) {
    db.close();
    throw error instanceof SetupError ? error : cannotUse(file, error);
  }
}

class SqliteImport implements ImportStore {
  readonly name = 'sqlite';
  readonly cost = { reads: 0, writes: 0 };
  readonly #db: Database;
  readonly #tables: Tables;
  readonly #clock: Clock;

  constructor(db: Database, tables: Tables, clock: Clock) {
    this.#db = db;
    this.#tables = tables;
    this.#clock = clock;
  }

  tenant(tenant_id: string): Promise<Tenant | null> {
    return this.#do(() => this.#tables.tenants.get(tenant_id));
  }

  createTenant(tenant: Tenant): Promise<void> {
    return this.#do(() => void this.#tables.tenants.insert(tenant));
  }

  device(tenant_id: string, device_id: string): Promise<Device | null> {
    return this.#do(() => this.#tables.devices.get(tenant_id, device_id));
  }

  registerDevice(device: Device): Promise<boolean> {
    return this.#do(() => this.#tables.devices.insert(device));
  }

  user({ tenant_id, user_id, username }: Pick<User, 'tenant_id' | 'user_id' | 'username'>): Promise<User | null> {
    const { users } = this.#tables;
    return this.#do(() => users.get(tenant_id, user_id) ?? users.findByUsername(tenant_id, username));
  }

  putUser(user: User): Promise<boolean> {
    return this.#do(() => this.#tables.users.insert(user));
  }

  events(wanted: readonly AuditEvent[]): Promise<readonly (AuditEvent | null)[]> {
    return this.#do(() => wanted.map(({ event_id }) => this.#tables.audit.get(event_id)));
  }

  putEvents(events: readonly AuditEvent[]): Promise<readonly boolean[]> {
    const { audit } = this.#tables;
    return this.#do(() =>
      events.map((event) => {
        if (audit.get(event.event_id) !== null) return false;
        audit.insert(event);
        return true;
      }),
    );
  }

  points(device: Device, { start_ms, end_ms }: BucketSpan): Promise<ReadonlyMap<number, string>> {
    return this.#do(() => {
      const points = this.#tables.telemetry.page(device, start_ms, end_ms, WHOLE_BUCKET);
      return new Map(points.map(({ timestamp_ms, metrics }) => [timestamp_ms, metrics]));
    });
  }

  putBucket({ device, ...bucket }: ImportBucket): Promise<Receipt> {
    const { telemetry } = this.#tables;
    return this.#do(() => {
      const view = telemetry.bucket(device, bucket.start_ms);
      const { receipt, changes } = planWrite({ buckets: [bucket], rejected: [] }, () => view, { overwrite: false });
      for (const change of changes) telemetry.apply(device, change, this.#clock.now_ms());
      return receipt;
    });
  }

  close(): Promise<void> {
    this.#db.close();
    return Promise.resolve();
  }

  /** One immediate transaction, stored whole or not at all. */
  #do<T>(work: () => T): Promise<T> {
    return new Promise((resolve) => {
      try {
        resolve(this.#db.transaction(work).immediate());
      } catch (error) {
        throw error instanceof Driver.SqliteError ? cannotUse(this.#db.name, error) : error;
      }
    });
  }
}
