import type { Clock } from '../clock.ts';
import type { Ids } from '../ids.ts';
import type { AuditAction, AuditEvent, AuditOutcome } from '../model/audit.ts';
import { SYSTEM_TENANT } from '../model/names.ts';

/** Who asks for a move, for the audit log. */
export interface Operator {
  /** `http`, `admin` (command line) or `schedule`. */
  readonly source: string;
  readonly user_id: string | null;
  readonly ip: string | null;
  readonly user_agent: string | null;
  readonly request_id: string | null;
}

/** The suite itself: what a schedule, or the environment, decided. */
export const BY_ITSELF: Operator = { source: 'schedule', user_id: null, ip: null, user_agent: null, request_id: null };
export const BY_COMMAND: Operator = { ...BY_ITSELF, source: 'admin' };

export interface EventParts {
  readonly clock: Clock;
  readonly ids: Ids;
}

/** An event of the cutover: it belongs to the operator's own tenant. */
export function cutoverEvent(
  { clock, ids }: EventParts,
  by: Operator,
  action: AuditAction,
  facts: { readonly outcome: AuditOutcome; readonly target: string; readonly detail: string },
): AuditEvent {
  return {
    event_id: ids.uuid(),
    timestamp_ms: clock.now_ms(),
    tenant_id: SYSTEM_TENANT,
    action,
    device_id: null,
    ...by,
    ...facts,
  };
}
