/**
 * What a backend hands to the contract suite. Every write is checked through `raw`, which reads with the backend's own
 * driver and converts by itself, so a backend cannot vouch for itself.
 */
import type { WriteBudget } from '../../budgets/device-writes.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { Device, DeviceKey, Session, Tenant, User } from '../../model/entities.ts';
import type { Point } from '../../model/point.ts';
import type { ThrottleState } from '../../model/throttle.ts';
import type { UsagePlace, UsageRow } from '../../model/usage.ts';
import type { Backend } from '../contracts.ts';

export interface StoreHarness {
  /** The handle under test. Read it anew in each test: `reset` may replace it. */
  readonly backend: Backend;
  /** Another handle on the same store, as another process would have it: it shares no memory with `backend`. */
  second(): Promise<Backend>;
  readonly raw: RawStore;
  /** Where this backend answers differently by design, each with the reason. */
  readonly differences: Differences;
  /** Empties the store, closes every handle that `second` gave out and makes `backend` forget what it remembered. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export type OpenHarness = () => Promise<StoreHarness>;

export interface Differences {
  /** `sweeps.retention` deletes nothing and returns zeros: why. */
  readonly retention_elsewhere?: string;
  /** Under heavy contention a change may be refused with `store_unavailable` instead of losing by outcome: why. */
  readonly refuses_under_contention?: string;
}

/** What is really stored. Lists are complete, expired rows included, and in the order given. */
export interface RawStore {
  /** Oldest first. */
  points(tenant_id: string, device_id: string): Promise<readonly Point[]>;
  /** Buckets that hold points, oldest first. */
  buckets(tenant_id: string, device_id: string): Promise<readonly RawBucket[]>;
  /** The one with the latest minute. */
  writeBudget(tenant_id: string, device_id: string): Promise<WriteBudget | null>;
  device(tenant_id: string, device_id: string): Promise<RawDevice | null>;
  /** By `key_id`. */
  keys(tenant_id: string, device_id: string): Promise<readonly RawKey[]>;
  /** By `user_id`. */
  users(tenant_id: string): Promise<readonly User[]>;
  /** By `token_sha256`. */
  sessions(tenant_id: string): Promise<readonly Session[]>;
  /** By `event_id`. */
  auditEvents(tenant_id: string): Promise<readonly AuditEvent[]>;
  /** By day, shard, device and function. */
  usage(tenant_id: string): Promise<readonly RawUsage[]>;
  tenant(tenant_id: string): Promise<Tenant | null>;
  throttle(key: string): Promise<ThrottleState | null>;
  /** Everything, by table or collection, in a stable order: equal dumps mean that nothing changed. */
  dump(): Promise<RawDump>;
}

/** Plain JSON values. */
export type RawDump = Readonly<Record<string, readonly unknown[]>>;

export interface RawBucket {
  readonly start_ms: number;
  /** Sum of `pointBytes` over what it holds, as the backend counts it. */
  readonly bytes: number;
}

export interface RawUsage extends UsageRow, UsagePlace {
  readonly expire_ms: number;
}

export type RawDevice = Omit<Device, 'keys'>;

export interface RawKey extends DeviceKey {
  readonly last_used_ms: number | null;
}
