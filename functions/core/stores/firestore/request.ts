import type { Firestore } from '@google-cloud/firestore';
import { MINUTE_MS, type Clock } from '../../clock.ts';
import type { ReadCache } from '../../config.ts';
import type { Device, DeviceKey, Session, Tenant } from '../../model/entities.ts';
import { SESSION_CACHE_MS } from '../../model/session-rules.ts';
import type { Meter } from '../../observability/meter.ts';
import { Documents } from './documents.ts';
import { KeyedQueue } from './patience.ts';
import { StorePolicy } from './policy.ts';
import { TelemetryMemory } from './telemetry/memory.ts';
import { FRESHNESS_MS } from './telemetry/view.ts';
import { TimedCache } from './timed-cache.ts';

/** The bound on how late an instance learns of a changed device, key or tenant. */
export const IDENTITY_CACHE_MS = 5 * MINUTE_MS;
export const MAX_REMEMBERED = 10_000;
/** A page may hold hundreds of devices. */
const MAX_REMEMBERED_PAGES = 64;

/** One page of a tenant's list of devices. */
export interface DevicePage {
  readonly tenant_id: string;
  readonly devices: readonly Device[];
}

/** What all requests of one instance share. */
export interface Shared {
  readonly firestore: Firestore;
  readonly policy: StorePolicy;
  readonly clock: Clock;
  /** Whether points may be answered from memory. */
  readonly remember_points: boolean;
  /** Whether an answer may say for how long it need not be asked for again. */
  readonly promise_freshness: boolean;
  readonly memory: TelemetryMemory;
  readonly queue: KeyedQueue;
  readonly devices: TimedCache<Device>;
  /** So that many who poll all devices are one look: as late as the points they come with. */
  readonly device_pages: TimedCache<DevicePage>;
  readonly keys: TimedCache<DeviceKey>;
  readonly sessions: TimedCache<Session>;
  readonly tenants: TimedCache<Tenant>;
}

/** One request's way to the store: counted on its own meter. */
export interface Request {
  readonly documents: Documents;
  readonly meter: Meter;
  readonly shared: Shared;
}

export interface SharedParts {
  readonly clock: Clock;
  readonly cache: ReadCache;
  readonly policy?: StorePolicy;
}

export function share(firestore: Firestore, { clock, cache, policy = new StorePolicy() }: SharedParts): Shared {
  const remember = <T>(ttl_ms: number, max_entries = MAX_REMEMBERED) =>
    new TimedCache<T>({ clock, ttl_ms, max_entries, enabled: cache !== 'none' });
  return {
    firestore,
    policy,
    clock,
    remember_points: cache === 'all',
    promise_freshness: cache !== 'none',
    memory: new TelemetryMemory(),
    queue: new KeyedQueue(),
    devices: remember<Device>(IDENTITY_CACHE_MS),
    device_pages: remember<DevicePage>(FRESHNESS_MS, MAX_REMEMBERED_PAGES),
    keys: remember<DeviceKey>(IDENTITY_CACHE_MS),
    sessions: remember<Session>(SESSION_CACHE_MS),
    tenants: remember<Tenant>(IDENTITY_CACHE_MS),
  };
}

export function openRequest(shared: Shared, meter: Meter): Request {
  return { documents: new Documents(shared.firestore, meter, shared.policy), meter, shared };
}

/** One request's way to what belongs to one tenant. */
export interface Scope extends Request {
  readonly tenant_id: string;
}
