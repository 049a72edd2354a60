/**
 * The shapes of answers as outsiders see them: described once, for OpenAPI and for whoever builds the answer. Made when asked
 * for, because a cold start that describes nothing should not pay for them.
 */
import * as z from 'zod';
import { AuditAction, AuditOutcome } from '../model/audit.ts';
import { Role } from '../model/role.ts';

const NextCursor = () => z.string().nullable();
const PointAnswer = () =>
  z.object({
    timestamp_ms: z.int(),
    metrics: z.record(z.string(), z.union([z.number(), z.boolean(), z.string()])),
  });

export const ReceiptAnswer = () =>
  z.object({
    accepted: z.int(),
    duplicates: z.int(),
    rejected: z.array(z.object({ index: z.int(), code: z.string(), detail: z.string() })),
  });

export const PageAnswer = () =>
  z.object({
    device_id: z.string(),
    interval_ms: z.int().optional(),
    aggregate: z.string().optional(),
    points: z.array(PointAnswer()),
    next_cursor: NextCursor(),
  });

export const LatestAnswer = () =>
  z.object({
    devices: z.array(
      z.object({
        device_id: z.string(),
        name: z.string(),
        timestamp_ms: z.int().nullable(),
        metrics: PointAnswer().shape.metrics.nullable(),
        age_ms: z.int().nullable(),
        status: z.enum(['ok', 'late', 'silent']),
        points: z.array(PointAnswer()).optional(),
      }),
    ),
  });

export const DeviceKeyAnswer = () =>
  z.object({
    key_id: z.string(),
    created_ms: z.int(),
    last_used_ms: z.int().nullable(),
  });

export const DeviceAnswer = () =>
  z.object({
    device_id: z.string(),
    name: z.string(),
    tags: z.record(z.string(), z.string()),
    expected_interval_ms: z.int().nullable(),
    disabled: z.boolean(),
    last_seen_ms: z.int().nullable(),
    keys: z.array(DeviceKeyAnswer()),
  });
export const NewDeviceAnswer = () => DeviceAnswer().extend({ key: z.string() });
export const NewKeyAnswer = () => DeviceKeyAnswer().extend({ key: z.string() });
export const DeviceListAnswer = () => z.object({ devices: z.array(DeviceAnswer()), next_cursor: NextCursor() });

/** A device for whoever looks at its telemetry: without its keys. */
export const ShownDeviceAnswer = () => DeviceAnswer().omit({ keys: true, last_seen_ms: true });
export const ShownDeviceListAnswer = () =>
  z.object({ devices: z.array(ShownDeviceAnswer()), next_cursor: NextCursor() });

export const UserAnswer = () =>
  z.object({
    user_id: z.string(),
    username: z.string(),
    role: Role,
    disabled: z.boolean(),
    created_ms: z.int(),
  });
export const UserListAnswer = () => z.object({ users: z.array(UserAnswer()), next_cursor: NextCursor() });

export const SessionAnswer = () =>
  z.object({
    user: UserAnswer(),
    tenant_id: z.string(),
    created_ms: z.int(),
    idle_expires_ms: z.int(),
    expires_ms: z.int(),
  });

export const SessionListAnswer = () =>
  z.object({
    sessions: z.array(
      z.object({
        session_id: z.string(),
        created_ms: z.int(),
        last_seen_ms: z.int(),
        idle_expires_ms: z.int(),
        expires_ms: z.int(),
        current: z.boolean(),
      }),
    ),
    next_cursor: NextCursor(),
  });

export const AuditEventAnswer = () =>
  z.object({
    event_id: z.string(),
    timestamp_ms: z.int(),
    tenant_id: z.string(),
    action: AuditAction,
    outcome: AuditOutcome,
    user_id: z.string().nullable(),
    device_id: z.string().nullable(),
    target: z.string().nullable(),
    ip: z.string().nullable(),
    user_agent: z.string().nullable(),
    request_id: z.string().nullable(),
    source: z.string(),
    detail: z.string().nullable(),
  });
export const AuditListAnswer = () => z.object({ events: z.array(AuditEventAnswer()), next_cursor: NextCursor() });

export const UsageAnswer = () =>
  z.object({
    usage: z.array(
      z.object({
        day: z.iso.date(),
        function: z.string(),
        device_id: z.string().nullable(),
        reads: z.int(),
        writes: z.int(),
        deletes: z.int(),
        points: z.int(),
      }),
    ),
    next_cursor: NextCursor(),
  });

export const HealthAnswer = () =>
  z.object({
    status: z.enum(['ok', 'degraded']),
    build: z.string(),
    flags: z.record(z.string(), z.string()),
    gate: z.object({ state: z.string() }),
    breakers: z.record(z.string(), z.string()),
    delivery: z
      .object({
        dirty: z.int(),
        oldest_age_ms: z.int().nullable(),
        per_minute: z.int(),
        failing_since_ms: z.int().nullable(),
      })
      .optional(),
  });
