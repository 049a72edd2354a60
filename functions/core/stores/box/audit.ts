import type { AuditEvent } from '../../model/audit.ts';
import type { AuditFilter, AuditLog } from '../contracts.ts';
import type { Journal } from '../journal.ts';
import type { RoutedReads } from './routed.ts';

export interface AuditRouting {
  readonly tenant_id: string;
  readonly journal: Journal;
  readonly sqlite: AuditLog;
  readonly firestore: AuditLog;
  readonly reads: RoutedReads;
}

type Page = Parameters<AuditLog['query']>[1];

/** With more than this still to deliver, SQLite answers alone. */
const MOST_DIRTY = 1_000;

/**
 * Events are stored in SQLite; once `audit` has moved they are read from Firestore, with those not delivered yet. What is
 * sealed and verified is what SQLite has, until the box is finalized.
 */
export function boxAudit({ tenant_id, journal, sqlite, firestore, reads }: AuditRouting): AuditLog {
  return {
    append: (event) => sqlite.append(event),
    appendOnce: (event) => sqlite.appendOnce(event),
    walk: (range, page) => sqlite.walk(range, page),
    query: async (filter, page) => {
      if (journal.flags().audit !== 'firestore') return sqlite.query(filter, page);
      // Asked first: what is delivered between the two questions comes twice, and never not at all.
      const dirty = await journal.dirtyEvents(tenant_id, MOST_DIRTY + 1);
      if (dirty.length > MOST_DIRTY) return sqlite.query(filter, page);
      return reads.read(
        async () => merge(await firestore.query(filter, page), dirty, filter, page),
        () => sqlite.query(filter, page),
      );
    },
  };
}

function merge(
  stored: readonly AuditEvent[],
  dirty: readonly AuditEvent[],
  filter: AuditFilter,
  page: Page,
): readonly AuditEvent[] {
  const events = new Map(stored.map((event) => [event.event_id, event]));
  for (const event of dirty) if (matches(event, filter, page)) events.set(event.event_id, event);
  return [...events.values()].sort(newestFirst).slice(0, page.limit);
}

function matches(event: AuditEvent, { user_id, action, start_ms, end_ms }: AuditFilter, { after }: Page): boolean {
  return (
    event.timestamp_ms >= start_ms &&
    event.timestamp_ms < end_ms &&
    (user_id === undefined || event.user_id === user_id) &&
    (action === undefined || event.action === action) &&
    (after === undefined || newestFirst(after, event) < 0)
  );
}

type Place = Pick<AuditEvent, 'timestamp_ms' | 'event_id'>;

function newestFirst(a: Place, b: Place): number {
  return b.timestamp_ms - a.timestamp_ms || (a.event_id < b.event_id ? 1 : a.event_id > b.event_id ? -1 : 0);
}
