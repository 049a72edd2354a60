/** Rows as the rest of the core would make them, each valid as it stands; a test names only what it is about. */
import { randomUUID } from 'node:crypto';
import { sha256 } from '../../ids.ts';
import type { AuditEvent } from '../../model/audit.ts';
import { firstWidths } from '../../model/bucket.ts';
import type { Device, DeviceKey, PasswordHash, Session, Tenant, User } from '../../model/entities.ts';
import { canonicalMetrics, type Metrics } from '../../model/point.ts';
import type { IncomingPoint } from '../../model/write-plan.ts';

export const ACME = 'acme';
export const GLOBEX = 'globex';

/** In the middle of a minute, and well inside a bucket of every width. */
export const NOW_MS = Date.UTC(2026, 2, 17, 9, 24, 30);

export function aTenant(tenant_id = ACME, changes: Partial<Tenant> = {}): Tenant {
  return { tenant_id, name: `${tenant_id} Ltd`, disabled: false, created_ms: NOW_MS, ...changes };
}

export function aDevice(changes: Partial<Device> = {}): Device {
  const expected_interval_ms = changes.expected_interval_ms ?? null;
  return {
    tenant_id: ACME,
    device_id: 'boiler-1',
    name: 'Boiler 1',
    tags: { floor: '2', 'room.name': 'plant "B"' },
    expected_interval_ms,
    widths: firstWidths(expected_interval_ms),
    disabled: false,
    last_seen_ms: null,
    created_ms: NOW_MS,
    keys: [],
    ...changes,
  };
}

export function aKey(changes: Partial<DeviceKey> = {}): DeviceKey {
  const key_id = changes.key_id ?? randomUUID().replaceAll('-', '');
  const secret_sha256 = sha256(`secret of ${key_id}`);
  const key = { key_id, tenant_id: ACME, device_id: 'boiler-1', secret_sha256, created_ms: NOW_MS, revoked_ms: null };
  return { ...key, ...changes };
}

export function aPassword(name: string): PasswordHash {
  const algo_params = { algorithm: 'argon2id', memory_kib: 65_536, time_cost: 3, parallelism: 1 } as const;
  return { password_hash: `$argon2id$v=19$m=65536,t=3,p=1$${name}`, algo_params };
}

export function aUser(changes: Partial<User> = {}): User {
  return {
    tenant_id: ACME,
    user_id: randomUUID(),
    username: 'ada',
    role: 'operator',
    disabled: false,
    created_ms: NOW_MS,
    ...aPassword('first'),
    ...changes,
  };
}

export function aSession(user: User, changes: Partial<Session> = {}): Session {
  const session_id = changes.session_id ?? randomUUID();
  return {
    token_sha256: sha256(`token of ${session_id}`),
    session_id,
    tenant_id: user.tenant_id,
    user_id: user.user_id,
    username: user.username,
    role: user.role,
    created_ms: NOW_MS,
    last_seen_ms: NOW_MS,
    fingerprint: { agent: 'a'.repeat(16), network: 'b'.repeat(16) },
    ...changes,
  };
}

export function anEvent(changes: Partial<AuditEvent> = {}): AuditEvent {
  return {
    event_id: randomUUID(),
    timestamp_ms: NOW_MS,
    tenant_id: ACME,
    action: 'device.update',
    outcome: 'success',
    user_id: 'user-1',
    device_id: null,
    target: 'boiler-1',
    ip: '192.0.2.7',
    user_agent: 'curl/8.5 "quoted"\n',
    request_id: 'request-1',
    source: 'http',
    detail: null,
    ...changes,
  };
}

/** Points of one request, in its order. */
export function incoming(...points: readonly (readonly [timestamp_ms: number, metrics: Metrics])[]): IncomingPoint[] {
  return points.map(([timestamp_ms, metrics], index) => ({ index, timestamp_ms, metrics: canonicalMetrics(metrics) }));
}

/** `count` points, oldest first, `step_ms` apart, the first at `start_ms`; every value is its own. */
export function series(start_ms: number, step_ms: number, count: number): IncomingPoint[] {
  return incoming(...Array.from({ length: count }, (_, i) => [start_ms + i * step_ms, { value: i }] as const));
}

/** A request whose points take about `bytes` in their bucket. */
export function bulk(start_ms: number, bytes: number): IncomingPoint[] {
  const metrics = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`text_${i}`, 'x'.repeat(250)]));
  const size = Buffer.byteLength(canonicalMetrics(metrics));
  const count = Math.floor(bytes / size);
  return incoming(...Array.from({ length: count }, (_, i) => [start_ms + i, metrics] as const));
}
