/**
 * The persistence contract; `telemetry-contract.ts` is the part about points, `audit-contract.ts` that about the audit log. Two backends keep it, `sqlite/` and `firestore/`; `suite/` proves both.
 *
 * Absence is a value (`null`, a named outcome), never an exception. A backend that cannot answer throws the `Problem`
 * `store_unavailable`. Every change takes the audit event that tells of it and stores both in one commit. An event, or
 * any other row, of another tenant is a programming fault: a plain `Error`, and nothing is stored.
 */
import type { UserUpdate } from '../model/administrators.ts';
import type { AuditEvent } from '../model/audit.ts';
import type {
  Device,
  DeviceKey,
  DevicePatch,
  PasswordHash,
  Session,
  Tenant,
  User,
  UserPatch,
} from '../model/entities.ts';
import type { ThrottleClaim, ThrottleReservation } from '../model/throttle.ts';
import type { UsagePart, UsagePlace } from '../model/usage.ts';
import type { Meter } from '../observability/meter.ts';
import type { AuditLog } from './audit-contract.ts';
import type { TelemetryStore } from './telemetry-contract.ts';

export type * from './audit-contract.ts';
export type * from './telemetry-contract.ts';

/** One store of everything, opened once per process. */
export interface Backend {
  readonly name: 'sqlite' | 'firestore';
  /** The stores as one request uses them: what they cost is counted on its meter. */
  withMeter(meter: Meter): Stores;
  close(): Promise<void>;
}

/** Before any tenant is trusted: only lookups by secret, sweeps that return counts, and the way into one tenant. */
export interface Stores {
  readonly credentials: CredentialStore;
  readonly tenants: TenantStore;
  readonly throttle: ThrottleStore;
  readonly sweeps: SweepStore;
  forTenant(tenant_id: string): TenantStores;
}

/** Everything of exactly one tenant. No method takes a tenant: there is none to forget. */
export interface TenantStores {
  readonly tenant_id: string;
  readonly telemetry: TelemetryStore;
  readonly devices: DeviceStore;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly audit: AuditLog;
  readonly usage: UsageStore;
}

export interface ListPage {
  /** Exclusive: the last id of the page before, in ascending order. */
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface DeviceStore {
  get(device_id: string): Promise<Device | null>;
  /** By `device_id`, ascending. */
  list(page: ListPage): Promise<readonly Device[]>;
  create(device: Device, key: DeviceKey, audit: AuditEvent): Promise<'created' | 'exists'>;
  update(device_id: string, patch: DevicePatch, now_ms: number, audit: AuditEvent): Promise<Device | null>;
  issueKey(key: DeviceKey, audit: AuditEvent): Promise<'issued' | 'no_device' | 'too_many_keys'>;
  /** At the event's time. The key stays, marked, for `findKey` alone; a second time it is 'not_found'. */
  revokeKey(device_id: string, key_id: string, audit: AuditEvent): Promise<'revoked' | 'not_found'>;
  /** Records that the key was used and the device seen; never goes back in time. Callers do so at most once an hour. */
  touch(device_id: string, key_id: string, now_ms: number): Promise<void>;
}

export interface UserStore {
  get(user_id: string): Promise<User | null>;
  findByUsername(username: string): Promise<User | null>;
  /** By `user_id`, ascending. */
  list(page: ListPage): Promise<readonly User[]>;
  create(user: User, audit: AuditEvent): Promise<'created' | 'exists'>;
  /** Every change here ends all sessions of the user. The commit itself holds to `rolesThatMustStay`. */
  update(user_id: string, patch: UserPatch, audit: AuditEvent): Promise<UserUpdate>;
  /** Swaps the hash only while it is still `expected_hash`; sessions stay. False when another login was first. */
  rehash(user_id: string, expected_hash: string, password: PasswordHash): Promise<boolean>;
}

/** `refused` when what had to hold no longer does. */
export type SessionOpening = 'opened' | 'refused';

export interface SessionStore {
  /**
   * Stores a session if the user is enabled and still has `password_hash` and the session's role, and the tenant is
   * enabled. Beyond `MAX_SESSIONS_PER_USER` the oldest others end, never the one just opened, and the stored event tells
   * which (`tellEnded`). Whether `session` has expired is not checked.
   */
  open(session: Session, password_hash: string, audit: AuditEvent): Promise<SessionOpening>;
  /** `last_seen_ms` never goes back in time. `moved` is told in the same commit, where the stored fingerprint is another. */
  touch(
    token_sha256: string,
    last_seen_ms: number,
    fingerprint: Session['fingerprint'],
    moved?: AuditEvent,
  ): Promise<void>;
  /** False when it had ended before. */
  close(token_sha256: string, audit: AuditEvent): Promise<boolean>;
  /** Newest first. */
  listForUser(user_id: string): Promise<readonly Session[]>;
  revoke(user_id: string, session_id: string, audit: AuditEvent): Promise<boolean>;
  /**
   * Password change: in one commit the hash changes, every session of the user ends and `next` replaces the one with
   * `current_token_sha256`. 'stale' when that session is gone or the hash is no longer `expected_hash`; expiry is not
   * checked.
   */
  changePassword(change: PasswordChange, audit: AuditEvent): Promise<'changed' | 'stale'>;
}

export interface PasswordChange {
  readonly user_id: string;
  readonly expected_hash: string;
  readonly password: PasswordHash;
  readonly current_token_sha256: string;
  readonly next: Session;
}

export interface UsageStore {
  /** Adds the rows to what is there, in one write. Takes at most `MAX_COUNTERS` counters that are not zero. */
  add(part: UsagePart): Promise<void>;
  /** Whole parts from `from`, which may be among them, to the end of `last_day`, by place; rows in no order. */
  list(from: UsagePlace, last_day: string, limit: number): Promise<readonly UsagePart[]>;
}

export interface CredentialStore {
  /** Revoked ones too: the caller must look at `revoked_ms`. */
  findKey(key_id: string): Promise<DeviceKey | null>;
  findSession(token_sha256: string): Promise<Session | null>;
  /** Whether that session was ended by a move of sign-in to another store, so that its owner must sign in again. */
  endedByMove(token_sha256: string, now_ms: number): Promise<boolean>;
}

export interface TenantStore {
  get(tenant_id: string): Promise<Tenant | null>;
  list(page: ListPage): Promise<readonly Tenant[]>;
  create(tenant: Tenant): Promise<'created' | 'exists'>;
  /** Disabling ends every session of the tenant. */
  setDisabled(tenant_id: string, disabled: boolean): Promise<Tenant | null>;
}

export interface ThrottleStore {
  /** Counts one try on every claim in one commit, or on none when any of them is blocked. */
  reserve(claims: readonly ThrottleClaim[], now_ms: number): Promise<ThrottleReservation>;
  /** After success: forgets `cleared` wholly and takes the one try on each of `refunded` back. */
  forgive(cleared: readonly ThrottleClaim[], refunded: readonly ThrottleClaim[]): Promise<void>;
}

/** Scheduled housekeeping. Returns how many rows left; safe to run twice and side by side. */
export interface SweepStore {
  /** Sessions past either limit, and throttle counters nobody needs any more: the count is of both. */
  sessions(now_ms: number): Promise<number>;
  /** Expired points, audit events and rows of usage. Firestore's TTL does this itself, so there it is 0. */
  retention(now_ms: number): Promise<SweptRows>;
}

export interface SweptRows {
  readonly points: number;
  readonly audit_events: number;
  readonly usage_rows: number;
}
