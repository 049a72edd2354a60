import { Timestamp, type Firestore } from '@google-cloud/firestore';
import type { WriteBudget } from '../../budgets/device-writes.ts';
import { sha256 } from '../../ids.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { Session, Tenant, User } from '../../model/entities.ts';
import type { ThrottleState } from '../../model/throttle.ts';
import type { Counts } from '../../observability/meter.ts';
import type { RawDevice, RawDump, RawKey, RawStore, RawUsage } from '../suite/harness.ts';

interface RawBucketDocument {
  readonly timestamp_ms?: number;
  readonly points: Readonly<Record<string, string>>;
  readonly bytes: number;
  readonly budget?: WriteBudget;
}

interface RawDeviceDocument extends Omit<RawDevice, 'tags'> {
  readonly tags: readonly { readonly name: string; readonly value: string }[];
  readonly keys: Readonly<Record<string, { readonly created_ms: number; readonly last_used_ms: number | null }>>;
}

interface RawUsageDocument {
  readonly day: string;
  readonly shard: number;
  readonly expire_at: unknown;
  readonly functions?: Readonly<Record<string, Partial<Counts>>>;
  readonly devices?: Readonly<Record<string, Readonly<Record<string, Partial<Counts>>>>>;
}

/** Reads whole collections with the SDK and sorts and converts by itself, so that the suite need not believe the backend. */
export function rawFirestore(firestore: () => Firestore): RawStore {
  async function all<T>(collection: string, where: Readonly<Record<string, unknown>>): Promise<T[]> {
    const { docs } = await firestore().collection(collection).get();
    const rows = docs.map((document) => document.data());
    return rows.filter((row) => Object.entries(where).every(([name, value]) => row[name] === value)) as T[];
  }
  const buckets = (tenant_id: string, device_id: string) =>
    all<RawBucketDocument>('telemetry', { tenant_id, device_id });
  const devices = (tenant_id: string, device_id: string) => all<RawDeviceDocument>('devices', { tenant_id, device_id });
  return {
    points: async (tenant_id, device_id) =>
      (await buckets(tenant_id, device_id))
        .flatMap(({ timestamp_ms = Number.NaN, points }) =>
          Object.entries(points).map(([offset, metrics]) => ({ timestamp_ms: timestamp_ms + Number(offset), metrics })),
        )
        .sort((a, b) => a.timestamp_ms - b.timestamp_ms),
    buckets: async (tenant_id, device_id) =>
      (await buckets(tenant_id, device_id))
        .flatMap(({ timestamp_ms, bytes }) => (timestamp_ms === undefined ? [] : [{ start_ms: timestamp_ms, bytes }]))
        .sort((a, b) => a.start_ms - b.start_ms),
    writeBudget: async (tenant_id, device_id) => {
      const budgets = (await buckets(tenant_id, device_id)).flatMap(({ budget }) => budget ?? []);
      return budgets.sort((a, b) => b.minute_ms - a.minute_ms)[0] ?? null;
    },
    device: async (tenant_id, device_id) => {
      const [document] = await devices(tenant_id, device_id);
      if (document === undefined) return null;
      return toDevice(document);
    },
    keys: async (tenant_id, device_id) => {
      const lookups = await all<Omit<RawKey, 'last_used_ms'>>('device_keys', { tenant_id, device_id });
      const embedded = (await devices(tenant_id, device_id))[0]?.keys ?? {};
      const live = lookups.filter(({ revoked_ms }) => revoked_ms === null).map(({ key_id }) => key_id);
      if (Object.keys(embedded).sort().join() !== live.sort().join()) throw new Error('a live key without its lookup');
      const last = (key_id: string) => embedded[key_id]?.last_used_ms ?? null;
      return sorted(lookups, 'key_id').map((key) => ({ ...key, last_used_ms: last(key.key_id) }));
    },
    users: async (tenant_id) => sorted(await all<User>('users', { tenant_id }), 'user_id'),
    sessions: async (tenant_id) =>
      sorted(await all<Session & { expires_at: unknown }>('sessions', { tenant_id }), 'token_sha256').map(
        ({ expires_at, ...session }) => timed(expires_at, session),
      ),
    auditEvents: async (tenant_id) =>
      sorted(await all<AuditEvent & { expire_at: unknown }>('audit_log', { tenant_id }), 'event_id').map(
        ({ expire_at, ...event }) => timed(expire_at, event),
      ),
    usage: async (tenant_id) => (await all<RawUsageDocument>('usage', { tenant_id })).flatMap(usageIn).sort(byPlace),
    tenant: async (tenant_id) => (await all<Tenant>('tenants', { tenant_id }))[0] ?? null,
    throttle: async (key) => {
      const counter = (await firestore().collection('throttle').doc(sha256(key)).get()).data();
      if (counter === undefined) return null;
      const { expire_at, ...state } = counter as ThrottleState & { expire_at: unknown };
      return timed(expire_at, state);
    },
    dump: () => dump(firestore()),
  };
}

async function dump(firestore: Firestore): Promise<RawDump> {
  const collections = await firestore.listCollections();
  const entries = await Promise.all(
    collections.map(async (collection) => {
      const { docs } = await collection.get();
      return [collection.id, docs.map((document) => [document.id, plain(document.data())])] as const;
    }),
  );
  return Object.fromEntries(entries);
}

function plain(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data)) as unknown;
}

/** TTL deletes nothing whose expiry is not a Timestamp. */
function timed<T>(expiry: unknown, row: T): T {
  if (!(expiry instanceof Timestamp)) throw new Error('an expiry that is not a Timestamp');
  return row;
}

function toDevice(document: RawDeviceDocument): RawDevice {
  const { tenant_id, device_id, name, tags, expected_interval_ms, widths, disabled, last_seen_ms, created_ms } =
    document;
  const plain = { tenant_id, device_id, name, expected_interval_ms, widths, disabled, last_seen_ms, created_ms };
  return { ...plain, tags: Object.fromEntries(tags.map(({ name, value }) => [name, value])) };
}

function sorted<K extends string, T extends Readonly<Record<K, string>>>(rows: readonly T[], by: K): T[] {
  return rows.toSorted((a, b) => (a[by] < b[by] ? -1 : 1));
}

function usageIn({ day, shard, expire_at, functions = {}, devices = {} }: RawUsageDocument): RawUsage[] {
  if (!(expire_at instanceof Timestamp)) throw new Error('an expiry that is not a Timestamp');
  const place = { day, shard, expire_ms: expire_at.toMillis() };
  const rows = (device_id: string | null, counters: Readonly<Record<string, Partial<Counts>>>): RawUsage[] =>
    Object.entries(counters).map(([name, counted]) => ({
      ...place,
      function: name,
      device_id,
      ...{ reads: 0, writes: 0, deletes: 0, points: 0, ...counted },
    }));
  return [...rows(null, functions), ...Object.entries(devices).flatMap(([id, counters]) => rows(id, counters))];
}

function byPlace(a: RawUsage, b: RawUsage): number {
  const key = ({ day, shard, device_id, function: name }: RawUsage) => [day, shard, device_id ?? '', name].join(' ');
  return key(a) < key(b) ? -1 : 1;
}
