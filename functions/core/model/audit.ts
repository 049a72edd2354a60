import * as z from 'zod';

export const AuditAction = z.enum([
  'auth.login',
  'auth.logout',
  'auth.password_change',
  'session.revoke',
  'device.create',
  'device.update',
  'key.issue',
  'key.revoke',
  'key.use',
  'user.create',
  'user.update',
  'access.refused',
  'cutover.advance',
  'cutover.rollback',
  'cutover.finalize',
  'cutover.repair',
  'gate.change',
  'legacy.event',
  'audit.seal',
]);
export type AuditAction = z.infer<typeof AuditAction>;

export const AuditOutcome = z.enum(['success', 'failure', 'refused']);
export type AuditOutcome = z.infer<typeof AuditOutcome>;

/** Who did what, when and from where. Append-only; the only place where an address and a user agent are kept. */
export interface AuditEvent {
  readonly event_id: string;
  readonly timestamp_ms: number;
  readonly tenant_id: string;
  readonly action: AuditAction;
  readonly outcome: AuditOutcome;
  readonly user_id: string | null;
  readonly device_id: string | null;
  readonly target: string | null;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly request_id: string | null;
  /** Which way in: `http`, `admin` (command line), `schedule` or `sqlite_backfill` (migrated). */
  readonly source: string;
  readonly detail: string | null;
}
