/** A tenant with one device, points and a signed-in viewer, made through the stores as the server itself would. */
import { randomBytes } from 'node:crypto';
import { MINUTE_MS, systemClock } from '@bas/core/clock';
import { readConfig } from '@bas/core/config';
import { sha256, systemIds } from '@bas/core/ids';
import { firstWidths } from '@bas/core/model/bucket';
import type { AuditEvent } from '@bas/core/model/audit';
import type { Device, Session, User } from '@bas/core/model/entities';
import { canonicalMetrics } from '@bas/core/model/point';
import { Meter } from '@bas/core/observability/meter';
import { fingerprintOf } from '@bas/core/sessions/fingerprint';
import type { TenantStores } from '@bas/core/stores/contracts';
import { createSuite } from '@bas/core/suite';
import { newDeviceKey } from '@bas/core/tenancy/device-key';

export const TENANT_ID = 'bench';
export const DEVICE_ID = 'ahu-1';
/** Devices without points, for posts: each may take five a minute. */
export const SPARE_DEVICES = Array.from({ length: 24 }, (_unused, at) => `spare-${String(at)}`);
export const USER_AGENT = 'node';
const INTERVAL_MS = MINUTE_MS;
const BATCH = 1_000;

export interface Fixture {
  readonly headers: Readonly<Record<string, string>>;
  readonly newest_ms: number;
}

/** The metrics of one point: five numbers and a switch, like one room's sensor. */
export function metricsAt(timestamp_ms: number): string {
  const phase = timestamp_ms / 3_600_000;
  const round = (value: number): number => Math.round(value * 100) / 100;
  return canonicalMetrics({
    temperature: round(21 + 3 * Math.sin(phase)),
    humidity: round(40 + 9 * Math.cos(phase)),
    light: round(400 + 300 * Math.sin(phase / 2)),
    co2: round(700 + 200 * Math.cos(phase / 3)),
    humidity_ratio: round(0.005 + 0.001 * Math.sin(phase)),
    occupied: Math.sin(phase) > 0,
  });
}

/** Fills the store that `env` names and returns what a client needs. Points end a minute ago, one a minute. */
export async function makeFixture(env: Record<string, string>, points: number): Promise<Fixture> {
  const backend = await createSuite(readConfig(env)).backend();
  const stores = backend.withMeter(new Meter());
  const now_ms = systemClock.now_ms();
  await stores.tenants.create({ tenant_id: TENANT_ID, name: 'Bench', disabled: false, created_ms: now_ms });
  const own = stores.forTenant(TENANT_ID);
  const device = benchDevice(DEVICE_ID, now_ms);
  for (const device_id of [DEVICE_ID, ...SPARE_DEVICES]) {
    const { key } = newDeviceKey(systemIds, { tenant_id: TENANT_ID, device_id }, now_ms);
    await own.devices.create(benchDevice(device_id, now_ms), key, event(now_ms));
  }
  const newest_ms = Math.floor(now_ms / INTERVAL_MS) * INTERVAL_MS - INTERVAL_MS;
  for (let from = points - 1; from >= 0; from -= BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, from + 1) }, (_unused, offset) => {
      const timestamp_ms = newest_ms - (from - offset) * INTERVAL_MS;
      return { index: offset, timestamp_ms, metrics: metricsAt(timestamp_ms) };
    });
    // Each batch is received at the time of its newest point, so the write budget is kept honestly.
    const received_ms = Math.min(now_ms, batch.at(-1)?.timestamp_ms ?? now_ms);
    await own.telemetry.write({ device, points: batch, overwrite: false, now_ms: received_ms });
  }
  const cookie = await openSession(own, now_ms);
  await backend.close();
  const headers = { 'x-bas-tenant': TENANT_ID, 'user-agent': USER_AGENT, cookie };
  return { headers, newest_ms };
}

function benchDevice(device_id: string, now_ms: number): Device {
  return {
    tenant_id: TENANT_ID,
    device_id,
    name: device_id,
    tags: {},
    expected_interval_ms: INTERVAL_MS,
    widths: firstWidths(INTERVAL_MS),
    disabled: false,
    last_seen_ms: now_ms,
    created_ms: now_ms,
    keys: [],
  };
}

async function openSession(own: TenantStores, now_ms: number): Promise<string> {
  const password_hash = 'not a hash: nobody signs in with it';
  const user: User = {
    tenant_id: TENANT_ID,
    user_id: systemIds.uuid(),
    username: 'viewer',
    role: 'operator',
    disabled: false,
    created_ms: now_ms,
    password_hash,
    algo_params: { algorithm: 'argon2id', memory_kib: 65_536, time_cost: 3, parallelism: 1 },
  };
  await own.users.create(user, event(now_ms));
  const token = randomBytes(32).toString('base64url');
  const session: Session = {
    token_sha256: sha256(token),
    session_id: systemIds.uuid(),
    tenant_id: TENANT_ID,
    user_id: user.user_id,
    username: user.username,
    role: user.role,
    created_ms: now_ms,
    last_seen_ms: now_ms,
    fingerprint: fingerprintOf(token, USER_AGENT, '127.0.0.1'),
  };
  await own.sessions.open(session, password_hash, event(now_ms));
  return `__session=${token}`;
}

function event(timestamp_ms: number): AuditEvent {
  return {
    event_id: systemIds.uuid(),
    timestamp_ms,
    tenant_id: TENANT_ID,
    action: 'user.create',
    outcome: 'success',
    user_id: null,
    device_id: null,
    target: null,
    ip: null,
    user_agent: null,
    request_id: null,
    source: 'bench',
    detail: null,
  };
}
