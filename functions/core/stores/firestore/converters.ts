/** One converter per collection, both ways; telemetry has its own in `telemetry/bucket.ts`. */
import { Timestamp } from '@google-cloud/firestore';
import { AuditAction, AuditOutcome, type AuditEvent } from '../../model/audit.ts';
import { BUCKET_WIDTHS_MS, type WidthEntry, type WidthHistory } from '../../model/bucket.ts';
import {
  LEGACY_ALGORITHMS,
  type AlgoParams,
  type Device,
  type DeviceKey,
  type DeviceKeyInfo,
  type Fingerprint,
  type Session,
  type Tenant,
  type User,
} from '../../model/entities.ts';
import { AUDIT_RETENTION_MS } from '../../model/retention.ts';
import { Role } from '../../model/role.ts';
import { absoluteExpiry_ms } from '../../model/session-rules.ts';
import type { ThrottlePolicy, ThrottleState } from '../../model/throttle.ts';
import type { Fields } from './fields.ts';

type Plain = Readonly<Record<string, unknown>>;

export const tenants = {
  write: (tenant: Tenant): Plain => ({ ...tenant }),
  read: (fields: Fields): Tenant => ({
    tenant_id: fields.text('tenant_id'),
    name: fields.text('name'),
    disabled: fields.flag('disabled'),
    created_ms: fields.number('created_ms'),
  }),
};

export const devices = {
  write: ({ keys, widths, ...device }: Device): Plain => ({
    ...device,
    // A list, because Firestore reserves some names of map members and a tag may have any.
    tags: Object.entries(device.tags).map(([name, value]) => ({ name, value })),
    widths: widths.map((entry) => ({ ...entry })),
    keys: Object.fromEntries(keys.map((key) => [key.key_id, liveKey(key)])),
  }),
  read: (fields: Fields): Device => ({
    tenant_id: fields.text('tenant_id'),
    device_id: fields.text('device_id'),
    name: fields.text('name'),
    tags: Object.fromEntries(fields.list('tags').map((tag) => [tag.text('name'), tag.text('value')])),
    expected_interval_ms: fields.numberOrNull('expected_interval_ms'),
    widths: readWidths(fields),
    disabled: fields.flag('disabled'),
    last_seen_ms: fields.numberOrNull('last_seen_ms'),
    created_ms: fields.number('created_ms'),
    keys: readLiveKeys(fields),
  }),
};

/** A key as the device document embeds it, under its id. */
export function liveKey({ created_ms, last_used_ms }: Omit<DeviceKeyInfo, 'key_id'>): Plain {
  return { created_ms, last_used_ms };
}

function readLiveKeys(fields: Fields): readonly DeviceKeyInfo[] {
  const keys = fields.maps('keys').map(([key_id, key]) => ({
    key_id,
    created_ms: key.number('created_ms'),
    last_used_ms: key.numberOrNull('last_used_ms'),
  }));
  return keys.sort((a, b) => a.created_ms - b.created_ms || (a.key_id < b.key_id ? -1 : 1));
}

function readWidths(fields: Fields): WidthHistory {
  const [first, ...later] = fields.list('widths').map((entry): WidthEntry => ({
    from_ms: entry.number('from_ms'),
    width_ms: entry.oneOf('width_ms', BUCKET_WIDTHS_MS),
  }));
  if (first === undefined) throw new TypeError('a device without a bucket width');
  return [first, ...later];
}

export const deviceKeys = {
  write: (key: DeviceKey): Plain => ({ ...key }),
  read: (fields: Fields): DeviceKey => ({
    key_id: fields.text('key_id'),
    tenant_id: fields.text('tenant_id'),
    device_id: fields.text('device_id'),
    secret_sha256: fields.text('secret_sha256'),
    created_ms: fields.number('created_ms'),
    revoked_ms: fields.numberOrNull('revoked_ms'),
  }),
};

export const users = {
  write: (user: User): Plain => ({ ...user, algo_params: { ...user.algo_params } }),
  read: (fields: Fields): User => ({
    tenant_id: fields.text('tenant_id'),
    user_id: fields.text('user_id'),
    username: fields.text('username'),
    role: fields.oneOf('role', Role.options),
    password_hash: fields.text('password_hash'),
    algo_params: readAlgoParams(fields.map('algo_params')),
    disabled: fields.flag('disabled'),
    created_ms: fields.number('created_ms'),
  }),
};

function readAlgoParams(fields: Fields): AlgoParams {
  const algorithm = fields.oneOf('algorithm', ['argon2id', ...LEGACY_ALGORITHMS]);
  if (algorithm !== 'argon2id') return { algorithm };
  return {
    algorithm,
    memory_kib: fields.number('memory_kib'),
    time_cost: fields.number('time_cost'),
    parallelism: fields.number('parallelism'),
  };
}

export const sessions = {
  write: (session: Session): Plain => ({
    ...session,
    fingerprint: { ...session.fingerprint },
    expires_at: Timestamp.fromMillis(absoluteExpiry_ms(session)),
  }),
  read: (fields: Fields): Session => ({
    token_sha256: fields.text('token_sha256'),
    session_id: fields.text('session_id'),
    tenant_id: fields.text('tenant_id'),
    user_id: fields.text('user_id'),
    username: fields.text('username'),
    role: fields.oneOf('role', Role.options),
    created_ms: fields.number('created_ms'),
    last_seen_ms: fields.number('last_seen_ms'),
    fingerprint: readFingerprint(fields.map('fingerprint')),
  }),
};

function readFingerprint(fields: Fields): Fingerprint {
  return { agent: fields.text('agent'), network: fields.text('network') };
}

export const auditEvents = {
  write: (event: AuditEvent): Plain => ({
    ...event,
    expire_at: Timestamp.fromMillis(event.timestamp_ms + AUDIT_RETENTION_MS),
  }),
  read: (fields: Fields): AuditEvent => ({
    event_id: fields.text('event_id'),
    timestamp_ms: fields.number('timestamp_ms'),
    tenant_id: fields.text('tenant_id'),
    action: fields.oneOf('action', AuditAction.options),
    outcome: fields.oneOf('outcome', AuditOutcome.options),
    user_id: fields.textOrNull('user_id'),
    device_id: fields.textOrNull('device_id'),
    target: fields.textOrNull('target'),
    ip: fields.textOrNull('ip'),
    user_agent: fields.textOrNull('user_agent'),
    request_id: fields.textOrNull('request_id'),
    source: fields.text('source'),
    detail: fields.textOrNull('detail'),
  }),
};

export const throttleCounters = {
  /** Kept until nobody needs it: the count is forgotten, and no wait is left. */
  write: (state: ThrottleState, policy: ThrottlePolicy): Plain => ({
    ...state,
    expire_at: Timestamp.fromMillis(Math.max(state.updated_ms + policy.forget_after_ms, state.blocked_until_ms)),
  }),
  read: (fields: Fields): ThrottleState => ({
    failures: fields.number('failures'),
    blocked_until_ms: fields.number('blocked_until_ms'),
    updated_ms: fields.number('updated_ms'),
  }),
};
