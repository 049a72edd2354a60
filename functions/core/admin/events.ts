import type { AuditAction, AuditEvent } from '../model/audit.ts';
import type { Suite } from '../suite.ts';

export interface AdminFacts {
  readonly device_id?: string;
  readonly target?: string;
  readonly detail?: string;
}

/** What a command line leaves in the audit log: it has no user, address or request of its own. */
export function adminEvent(suite: Suite, tenant_id: string, action: AuditAction, facts: AdminFacts = {}): AuditEvent {
  return {
    event_id: suite.ids.uuid(),
    timestamp_ms: suite.clock.now_ms(),
    tenant_id,
    action,
    outcome: 'success',
    user_id: null,
    device_id: facts.device_id ?? null,
    target: facts.target ?? null,
    ip: null,
    user_agent: null,
    request_id: null,
    source: 'admin',
    detail: facts.detail ?? null,
  };
}
