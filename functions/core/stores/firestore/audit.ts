import type { AuditEvent } from '../../model/audit.ts';
import { AUDIT_RETENTION_MS } from '../../model/retention.ts';
import { isDeepStrictEqual } from 'node:util';
import { BrokenDocument } from '../../errors.ts';
import type {
  AuditFilter,
  AuditLog,
  AuditPlace,
  TimeRange,
  WalkedEvent,
  WalkedEvents,
  WalkMark,
} from '../contracts.ts';
import { assertOwned } from '../owned.ts';
import { auditEvents } from './converters.ts';
import type { Change, Documents, StoredDocument } from './documents.ts';
import { tooContended } from './errors.ts';
import { documentId, paths } from './paths.ts';
import type { QueryRequest, ShapeName } from './queries.ts';
import type { Scope } from './request.ts';

/** The part of a commit that tells of it. */
export function auditChange(event: AuditEvent): Change {
  return { kind: 'create', path: paths.auditEvent(event.event_id), fields: auditEvents.write(event) };
}

/**
 * Commits `changes` together with their event; false when a precondition did not hold. A commit that is repeated because its
 * answer was lost meets its own work: the event, whose id is random, tells that it was stored.
 */
export async function commitWith(
  documents: Documents,
  event: AuditEvent,
  changes: readonly Change[],
): Promise<boolean> {
  const times = await documents.commit([...changes, auditChange(event)]);
  return times !== null || isStored(documents, event);
}

export async function isStored(documents: Documents, event: AuditEvent): Promise<boolean> {
  return (await documents.get(paths.auditEvent(event.event_id))) !== null;
}

/** An event that is not where it says is none. */
function walked({ fields, id }: StoredDocument): WalkedEvent {
  const timestamp_ms = fields.number('timestamp_ms');
  try {
    const event = auditEvents.read(fields);
    if (documentId(event.event_id) === id) return { event_id: event.event_id, timestamp_ms, event };
  } catch (error) {
    if (!(error instanceof BrokenDocument)) throw error;
  }
  return { event_id: id, timestamp_ms, event: null };
}

interface Page {
  readonly after?: AuditPlace | undefined;
  readonly limit: number;
}

export class FirestoreAuditLog implements AuditLog {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  async append(event: AuditEvent): Promise<void> {
    assertOwned(this.#scope.tenant_id, event);
    if (!(await commitWith(this.#scope.documents, event, []))) throw tooContended();
  }

  async appendOnce(event: AuditEvent): Promise<boolean> {
    assertOwned(this.#scope.tenant_id, event);
    const { documents } = this.#scope;
    if ((await documents.commit([auditChange(event)])) !== null) return true;
    // A commit that is repeated because its answer was lost meets its own work.
    const held = await documents.get(paths.auditEvent(event.event_id));
    if (held === null) throw tooContended();
    return isDeepStrictEqual(walked(held).event, event);
  }

  /** Without events that have expired, as `query` is. */
  async walk(range: TimeRange, page: { after: WalkMark | null; limit: number }): Promise<WalkedEvents> {
    const { documents, shared, tenant_id } = this.#scope;
    const from = Math.max(range.start_ms, shared.clock.now_ms() - AUDIT_RETENTION_MS);
    if (from >= range.end_ms) return { events: [], next: null };
    const { after, limit } = page;
    const found = await documents.query({
      shape: 'auditOldestFirst',
      equal: [tenant_id],
      from,
      below: range.end_ms,
      // A place before the range is no place inside it: the page begins with the range.
      after: after !== null && after.timestamp_ms >= from ? [after.timestamp_ms, after.key] : undefined,
      limit,
    });
    const last = found.length < limit ? undefined : found.at(-1);
    return {
      events: found.map(walked),
      next: last === undefined ? null : { timestamp_ms: last.fields.number('timestamp_ms'), key: last.id },
    };
  }

  /** Expired events, which TTL may take a day to delete, are left out. */
  async query(filter: AuditFilter, { after, limit }: Page): Promise<readonly AuditEvent[]> {
    const { documents, shared } = this.#scope;
    const from = Math.max(filter.start_ms, shared.clock.now_ms() - AUDIT_RETENTION_MS);
    const below = filter.end_ms;
    if (from >= below) return [];
    // A place at or past the end of the range is no place inside it: the page begins with the range.
    const place = after !== undefined && after.timestamp_ms < below ? after : undefined;
    const found = await documents.query({
      ...this.#filtered(filter),
      from,
      below,
      after: place && [place.timestamp_ms, documentId(place.event_id)],
      limit,
    });
    return found.map(({ fields }) => auditEvents.read(fields));
  }

  #filtered({ user_id, action }: AuditFilter): Pick<QueryRequest, 'shape' | 'equal'> {
    const { tenant_id } = this.#scope;
    const by = (shape: ShapeName, ...values: string[]) => ({ shape, equal: [tenant_id, ...values] });
    if (user_id !== undefined) {
      return action === undefined ? by('auditOfUser', user_id) : by('auditOfUserAndAction', user_id, action);
    }
    return action === undefined ? by('audit') : by('auditOfAction', action);
  }
}
