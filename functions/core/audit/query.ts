import * as z from 'zod';
import type { Visit } from '../http/exchange.ts';
import { cutPage } from '../http/paging.ts';
import { wholeNumber } from '../http/query.ts';
import { AuditAction } from '../model/audit.ts';
import { decodeCursor, encodeCursor } from '../model/cursor.ts';
import { AUDIT_RETENTION_MS } from '../model/retention.ts';
import { shortened } from '../model/seal.ts';
import type { TenantStores } from '../stores/contracts.ts';

const Instant = wholeNumber(0, 8_640_000_000_000_000);
const Place = z.object({ timestamp_ms: z.int(), event_id: z.string().max(64) });

export const AuditQuery = z
  .strictObject({
    user_id: z.uuid().optional(),
    action: AuditAction.optional(),
    start_ms: Instant.optional(),
    end_ms: Instant.optional(),
    limit: wholeNumber(1, 1_000).default(100),
    cursor: z.string().min(1).optional(),
  })
  .refine(({ start_ms = 0, end_ms = Infinity }) => start_ms < end_ms, {
    path: ['end_ms'],
    message: 'must be later than start_ms',
  });

/** The tenant's audit events, newest first; without an end, up to and including those of this very moment. */
export async function auditPage(stores: TenantStores, query: z.infer<typeof AuditQuery>, visit: Visit) {
  const { cursor, limit, ...filter } = query;
  const scope = { tenant_id: stores.tenant_id, function: visit.function_name, query: { ...filter, limit } };
  const after = cursor === undefined ? undefined : decodeCursor(scope, Place, cursor);
  const start_ms = Math.max(filter.start_ms ?? 0, visit.now_ms - AUDIT_RETENTION_MS);
  const range = { start_ms, end_ms: filter.end_ms ?? visit.now_ms + 1 };
  const { user_id, action } = filter;
  const found = await stores.audit.query({ user_id, action, ...range }, { after, limit: limit + 1 });
  const { rows, next_cursor } = cutPage(found, limit, ({ timestamp_ms, event_id }) =>
    encodeCursor(scope, { timestamp_ms, event_id }),
  );
  return { events: rows.map(shortened), next_cursor };
}
