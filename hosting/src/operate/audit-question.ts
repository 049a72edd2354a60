/** What of the audit log is asked for, as the address has it and as the server takes it. */
import { AuditAction } from '@bas/core/model/audit';

export interface AuditFilter {
  readonly user_id: string;
  readonly action: string;
  /** As a `datetime-local` field has them: in the browser's own zone. */
  readonly from: string;
  readonly to: string;
}

export const ACTIONS: readonly string[] = AuditAction.options;

/** From the options of an address, which anybody may have typed. */
export function filterOf(options: Readonly<Record<string, string>>): AuditFilter {
  const { user_id = '', action = '', from = '', to = '' } = options;
  return { user_id, action: ACTIONS.includes(action) ? action : '', from, to };
}

/** The path of the list, or what is wrong with the filter. */
export function auditPath(filter: AuditFilter): { readonly path: string } | { readonly trouble: string } {
  const start_ms = instant_ms(filter.from);
  const last_ms = instant_ms(filter.to);
  // A minute is meant whole.
  const end_ms = last_ms === null ? null : last_ms + 60_000;
  if (start_ms !== null && end_ms !== null && start_ms >= end_ms)
    return { trouble: 'The end is before the beginning.' };
  const query = new URLSearchParams({ limit: '50' });
  if (filter.user_id !== '') query.set('user_id', filter.user_id);
  if (filter.action !== '') query.set('action', filter.action);
  if (start_ms !== null) query.set('start_ms', String(start_ms));
  if (end_ms !== null) query.set('end_ms', String(end_ms));
  return { path: `/v1/audit?${query.toString()}` };
}

/** Of a local time as it is typed; null without one. */
export function instant_ms(local: string): number | null {
  const ms = local === '' ? Number.NaN : new Date(local).getTime();
  return Number.isNaN(ms) ? null : ms;
}
