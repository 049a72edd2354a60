/**
 * What a box keeps in its SQLite file to move to Firestore and back, and what it asks of Firestore for that. Every change
 * is committed to the file first; what Firestore lacks of it is dirty until it was delivered. No door reaches this.
 */
import type { AuditEvent } from '../model/audit.ts';
import type { Device, DeviceKey, Tenant, User } from '../model/entities.ts';
import type { Flags } from '../model/flags.ts';
import type { Point } from '../model/point.ts';
import type { ListPage, TimeRange } from './contracts.ts';

export interface DeviceRef {
  readonly tenant_id: string;
  readonly device_id: string;
}

export interface BucketRef extends DeviceRef {
  readonly start_ms: number;
  readonly end_ms: number;
}

export interface BucketVersions {
  /** Counts the changes of the bucket; equal versions mean equal points. */
  readonly version: number;
  /** The version that Firestore is known to hold; 0 when it holds none. */
  readonly delivered_version: number;
}

/** A bucket as it stood at one instant. */
export interface BucketSnapshot extends BucketRef, BucketVersions {
  /** Firestore's update time of it, as the mirror told it; null when it holds none. */
  readonly delivered_update: string | null;
  readonly bytes: number;
  /** Oldest first. */
  readonly points: readonly Point[];
}

/** A row that travels as one document. */
export type JournaledRow =
  | { readonly kind: 'tenant'; readonly row: Tenant }
  | { readonly kind: 'device'; readonly row: Device }
  | { readonly kind: 'key'; readonly row: DeviceKey }
  | { readonly kind: 'user'; readonly row: User }
  | { readonly kind: 'audit'; readonly row: AuditEvent };
export type RowKind = JournaledRow['kind'];

/** Of each kind none. */
export const NO_ROWS: Readonly<Record<RowKind, number>> = { tenant: 0, device: 0, key: 0, user: 0, audit: 0 };

/** That a row changed since it was delivered. Its version never comes twice. */
export interface Mark {
  readonly kind: RowKind;
  readonly tenant_id: string;
  readonly id: string;
  readonly version: number;
}

export interface MarkedRow {
  readonly mark: Mark;
  /** Null when the row has left meanwhile, such as an expired event. */
  readonly found: JournaledRow | null;
}

export interface RowLimit {
  readonly rows: number;
  /** As JSON, which is about what their documents take. */
  readonly bytes: number;
}

/** What a person is looked up by. */
export type UserName = { readonly user_id: string } | { readonly username: string };

/** What Firestore lacks. */
export interface Dirty {
  readonly buckets: number;
  readonly rows: Readonly<Record<RowKind, number>>;
  /** When the oldest change was made that Firestore lacks; null when it lacks none. */
  readonly oldest_ms: number | null;
  /** Buckets from before the backfill start that Firestore lacks. */
  readonly older_buckets: number;
}

/** What one transaction decides a move by. */
export interface BoxState {
  readonly flags: Flags;
  readonly dirty: Dirty;
  /** Whether the box holds a point at all: without one there is nothing to prove. */
  readonly has_points: boolean;
}

export interface Move {
  /** Null when the move was refused. */
  readonly flags: Flags | null;
  /** Tells of the move or of its refusal; stored in the same commit. */
  readonly audit: AuditEvent;
  /** Everything there is becomes dirty: this box has never journaled before. */
  readonly mark_all?: boolean;
  /** Every session ends, and until then its cookie is told to sign in again. */
  readonly end_sessions_until_ms?: number;
  /** What is not known any more after the move. */
  readonly forget?: StateName;
}

/** Where the reads of a device's points go, at one instant. */
export interface ReadPlan {
  readonly flags: Flags;
  /** Spans that Firestore does not have as they are, newest first; read from SQLite. */
  readonly dirty: readonly TimeRange[];
  /** Another one whenever the device's newest points may be others. */
  readonly stamp: string;
}

/** Where a walk over buckets stands. */
export interface BucketPlace extends DeviceRef {
  readonly start_ms: number;
}

export interface BucketWalk {
  readonly after: BucketPlace | null;
  /** Only buckets that end after it. */
  readonly since_ms: number;
  /** Only those that have changed since they were last compared. */
  readonly changed_only: boolean;
  readonly limit: number;
}

export interface Journal {
  /** The running values; the seeds while no row was written. Costs microseconds. */
  flags(): Flags;
  /** Whether a move wrote the row of flags, so that seeds mean nothing any more. */
  isSet(): boolean;
  /**
   * Reads what a move depends on, lets `decide` and stores what it says, in one transaction. A finalized box stores
   * nothing any more, neither flags nor event.
   */
  move<T extends Move>(decide: (state: BoxState) => T): Promise<T>;
  state(): Promise<BoxState>;

  plan(device: DeviceRef, range: TimeRange): Promise<ReadPlan>;
  /** People and events of a tenant that Firestore does not have as they are. */
  dirtyUser(tenant_id: string, wanted: UserName): Promise<User | null>;
  /** By `user_id`, ascending. */
  dirtyUsers(tenant_id: string, page: ListPage): Promise<readonly User[]>;
  dirtyEvents(tenant_id: string, limit: number): Promise<readonly AuditEvent[]>;

  /** The next device that has a dirty bucket ending after `since_ms`, in order. */
  nextDirtyDevice(after: DeviceRef | null, since_ms: number): Promise<DeviceRef | null>;
  /** Oldest first. */
  dirtyBuckets(device: DeviceRef, since_ms: number, limit: number): Promise<readonly BucketRef[]>;
  /** Those it has now; null when it has left. */
  versions(bucket: BucketPlace): Promise<BucketVersions | null>;
  /** Null when it has left meanwhile. */
  snapshot(bucket: BucketRef): Promise<BucketSnapshot | null>;
  /** `update` is null when there was nothing to deliver any more. */
  delivered(bucket: BucketRef, version: number, update: string | null): Promise<void>;
  /** Firestore's copy is not what it was believed to be: to be delivered again. */
  undelivered(bucket: BucketPlace): Promise<void>;
  /** Within both limits, but at least one row while any is marked. */
  marked(kinds: readonly RowKind[], limit: RowLimit): Promise<readonly MarkedRow[]>;
  /** The same rows as they are now, each with its newest mark; those that have none any more are left out. */
  markedAgain(marks: readonly Mark[]): Promise<readonly MarkedRow[]>;
  /** Firestore's copies of these are not what they were believed to be: to be delivered again. */
  mark(rows: readonly JournaledRow[], now_ms: number): Promise<void>;
  /** Forgets marks whose version is still the one that was delivered. */
  clear(marks: readonly Mark[]): Promise<void>;

  buckets(walk: BucketWalk): Promise<readonly BucketRef[]>;
  sample(since_ms: number, count: number): Promise<readonly BucketRef[]>;
  compared(bucket: BucketRef, version: number): Promise<void>;

  /** Who this box is to Firestore: `candidate`, unless it was somebody before. */
  boxId(candidate: string): Promise<string>;
  /** One value of the cutover's own state, as it was saved. */
  load(name: StateName): Promise<unknown>;
  /** Unless the flags, read in the same transaction, are no longer as `isSo` asks. Answers whether it was saved. */
  save(name: StateName, value: unknown, isSo?: (flags: Flags) => boolean): Promise<boolean>;
  /** Whether `holder` has the lease now, for `ttl_ms` more. */
  lease(name: string, holder: string, now_ms: number, ttl_ms: number): Promise<boolean>;
  release(name: string, holder: string): Promise<void>;

  /** Replaces what this process counted in a minute. */
  saveCounters(minute_ms: number, process: string, value: unknown): Promise<void>;
  counters(since_ms: number): Promise<readonly { readonly minute_ms: number; readonly value: unknown }[]>;
}

/**
 * `gate`: the index report. `comparison`: how far and how green. `delivery`: what the last pass did. `published`: the flags
 * that Firestore was told last. `cut_events`: which events were too large for it.
 */
export type StateName = 'gate' | 'comparison' | 'delivery' | 'published' | 'cut_events';
