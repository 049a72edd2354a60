/** Things a sweep must remove, each beside one that it must leave alone, in an SQLite file. */
import { DAY_MS, HOUR_MS } from '@bas/core/clock';
import { AUDIT_RETENTION_MS, oldestKept_ms } from '@bas/core/model/retention';
import { SESSION_ABSOLUTE_MS, SESSION_IDLE_MS } from '@bas/core/model/session-rules';
import { ACCOUNT_POLICY } from '@bas/core/model/throttle';
import { Meter } from '@bas/core/observability/meter';
import type { Stores, TenantStores } from '@bas/core/stores/contracts';
import { openSqlite } from '@bas/core/stores/sqlite/open';
import { rawSqlite } from '@bas/core/stores/sqlite/raw';
import { aDevice, aKey, anEvent, aSession, aTenant, aUser, incoming } from '@bas/core/stores/suite/fixtures';
import Driver from 'better-sqlite3';

/** What is there before any sweep. */
export const EVERYTHING = {
  sessions: ['alive', 'idle for too long', 'open for too long'],
  counters: ['forgotten', 'remembered'],
  points: ['{"old":1}', '{"young":1}'],
  events: ['old', 'young'],
};
/** What each sweep leaves. */
export const SWEPT_SESSIONS = { sessions: ['alive'], counters: ['remembered'] };
export const SWEPT_RETENTION = { points: ['{"young":1}'], events: ['young'] };

/** Puts all of it into a tenant of its own. */
export async function plantExpired(file: string, tenant_id = 'bygone', now_ms = Date.now()): Promise<void> {
  const backend = await openSqlite(file);
  const stores = backend.withMeter(new Meter());
  await stores.tenants.create(aTenant(tenant_id));
  await plantSessions(stores.forTenant(tenant_id), now_ms);
  await plantCounters(stores, tenant_id, now_ms);
  await plantPoints(stores.forTenant(tenant_id), now_ms);
  const { audit } = stores.forTenant(tenant_id);
  await audit.append(event(tenant_id, 'old', now_ms - AUDIT_RETENTION_MS - HOUR_MS));
  await audit.append(event(tenant_id, 'young', now_ms - AUDIT_RETENTION_MS + DAY_MS));
  await backend.close();
}

/** Ids are unique in the whole file. */
const own = (tenant_id: string, name: string): string => `${tenant_id}: ${name}`;
const event = (tenant_id: string, name: string, timestamp_ms: number) =>
  anEvent({ tenant_id, event_id: own(tenant_id, name), timestamp_ms });

async function plantSessions({ tenant_id, users, sessions }: TenantStores, now_ms: number): Promise<void> {
  const user = aUser({ tenant_id });
  await users.create(user, event(tenant_id, 'user made', now_ms));
  for (const [name, created_ms, last_seen_ms] of [
    ['alive', now_ms - HOUR_MS, now_ms],
    ['idle for too long', now_ms - HOUR_MS, now_ms - SESSION_IDLE_MS],
    ['open for too long', now_ms - SESSION_ABSOLUTE_MS, now_ms],
  ] as const) {
    const session = aSession(user, { session_id: own(tenant_id, name), created_ms, last_seen_ms });
    await sessions.open(session, user.password_hash, event(tenant_id, `signed in, ${name}`, now_ms));
  }
}

async function plantCounters({ throttle }: Stores, tenant_id: string, now_ms: number): Promise<void> {
  const claim = (name: string) => [{ key: own(tenant_id, name), policy: ACCOUNT_POLICY }];
  await throttle.reserve(claim('forgotten'), now_ms - ACCOUNT_POLICY.forget_after_ms);
  await throttle.reserve(claim('remembered'), now_ms);
}

async function plantPoints({ tenant_id, devices, telemetry }: TenantStores, now_ms: number): Promise<void> {
  const device = aDevice({ tenant_id });
  await devices.create(device, aKey({ tenant_id }), event(tenant_id, 'device made', now_ms));
  const old_ms = oldestKept_ms(now_ms) - HOUR_MS;
  await telemetry.write({ device, points: incoming([old_ms, { old: 1 }]), overwrite: false, now_ms: old_ms });
  await telemetry.write({ device, points: incoming([now_ms, { young: 1 }]), overwrite: false, now_ms });
}

/** What of it is in the file now, read past the stores. */
export async function census(file: string, tenant_id = 'bygone'): Promise<typeof EVERYTHING> {
  const db = new Driver(file, { readonly: true });
  const among = (names: readonly string[], ids: readonly string[]) =>
    names.filter((name) => ids.includes(own(tenant_id, name)));
  try {
    const raw = rawSqlite(db);
    const counters: string[] = [];
    for (const name of EVERYTHING.counters) {
      if ((await raw.throttle(own(tenant_id, name))) !== null) counters.push(name);
    }
    const sessions = (await raw.sessions(tenant_id)).map(({ session_id }) => session_id);
    const events = (await raw.auditEvents(tenant_id)).map(({ event_id }) => event_id);
    return {
      sessions: among(EVERYTHING.sessions, sessions),
      counters,
      points: (await raw.points(tenant_id, aDevice().device_id)).map(({ metrics }) => metrics),
      events: among(EVERYTHING.events, events),
    };
  } finally {
    db.close();
  }
}
