/**
 * What a migration needs that no request may have: rows of any tenant put in bulk, with the past they come with, and the
 * legacy file they are read from. Forbidden to doors. Everything put is safe to put again, and what is stored stays.
 */
import type { AuditEvent } from '../model/audit.ts';
import type { BucketSpan } from '../model/bucket.ts';
import type { Device, Tenant, User } from '../model/entities.ts';
import type { IncomingPoint, Receipt } from '../model/write-plan.ts';

/** Points of one device that share one bucket; oldest first. */
export interface ImportBucket extends BucketSpan {
  readonly device: Device;
  readonly points: readonly IncomingPoint[];
}

/** Where a migration puts things. Failures are a `SetupError`, or `store_unavailable` when trying again makes sense. */
export interface ImportStore {
  readonly name: 'sqlite' | 'firestore';
  /** Firestore documents; 0 on SQLite. */
  readonly cost: { readonly reads: number; readonly writes: number };
  tenant(tenant_id: string): Promise<Tenant | null>;
  createTenant(tenant: Tenant): Promise<void>;
  device(tenant_id: string, device_id: string): Promise<Device | null>;
  /** False when it is registered already. */
  registerDevice(device: Device): Promise<boolean>;
  /** The user with this id or, failing that, this name. */
  user(wanted: Pick<User, 'tenant_id' | 'user_id' | 'username'>): Promise<User | null>;
  /** False when the id or the name is taken. */
  putUser(user: User): Promise<boolean>;
  /** In the order asked for. */
  events(wanted: readonly AuditEvent[]): Promise<readonly (AuditEvent | null)[]>;
  /** Stores those whose id is free; whether each of them was. */
  putEvents(events: readonly AuditEvent[]): Promise<readonly boolean[]>;
  /** Everything stored in the span, `timestamp_ms` -> canonical metrics. */
  points(device: Device, span: BucketSpan): Promise<ReadonlyMap<number, string>>;
  /** One commit. Spends no write budget. */
  putBucket(bucket: ImportBucket): Promise<Receipt>;
  close(): Promise<void>;
}

export type LegacyValue = string | number | bigint | Uint8Array | null;
/** One row, in the order of the columns asked for. */
export type LegacyRow = readonly LegacyValue[];

export interface LegacyRead {
  readonly table: string;
  /** Null in the place of a column gives null. */
  readonly columns: readonly (string | null)[];
  readonly order_by: readonly string[];
  /** Rows whose `column` is a number below `from` are left out. */
  readonly since?: { readonly column: string; readonly from: number } | undefined;
}

export interface RowCount {
  /** Those that a reading gives. */
  readonly read: number;
  /** Those that it leaves out by `since`. */
  readonly older: number;
}

/** Rows of `[by 0, by 1, count, least, greatest]`. */
export interface LegacySpans {
  readonly table: string;
  /** Null in the place of a column gives null. */
  readonly by: readonly [string | null, string | null];
  readonly column: string;
  readonly from: number;
  readonly until: number;
}

/** A legacy server's SQLite file, open for reading only. Rows stream: no table is ever held in memory. */
export interface LegacyFile {
  readonly file: string;
  readonly tables: readonly string[];
  /** Empty when there is no such table. */
  columns(table: string): readonly string[];
  count(read: LegacyRead): RowCount;
  /** How often, and when first and last, each pair of `by` has a number of `from` to `until` in `column`. */
  spans(read: LegacySpans): IterableIterator<LegacyRow>;
  /** Sorted on disk where it is large and there is no index. */
  rows(read: LegacyRead): IterableIterator<LegacyRow>;
  close(): void;
}
