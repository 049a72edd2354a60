import type { Database, Statement } from 'better-sqlite3';
import type { AuditEvent } from '../../model/audit.ts';
import type { AuditFilter, AuditLog, AuditPlace, TimeRange, WalkedEvents, WalkMark } from '../contracts.ts';
import { assertOwned } from '../owned.ts';
import type { Scope } from './tables.ts';

interface Page {
  readonly after?: AuditPlace | undefined;
  readonly limit: number;
}

/** What the filtered queries bind; a query binds only the names it uses. */
interface QueryParameters {
  readonly tenant_id: string;
  readonly user_id: string | undefined;
  readonly action: string | undefined;
  readonly start_ms: number;
  readonly before_ms: number;
  readonly before_id: string;
  readonly limit: number;
}

interface Walk {
  readonly after: WalkMark | null;
  readonly limit: number;
}

interface WalkParameters extends WalkMark, TimeRange {
  readonly tenant_id: string;
  readonly limit: number;
}

const COLUMNS =
  'event_id, timestamp_ms, tenant_id, action, outcome, user_id, device_id, target, ip, user_agent, request_id, source, detail';

/** A row is an event, column for member. */
export class AuditTable {
  readonly #insert: Statement<[AuditEvent]>;
  readonly #get: Statement<[string], AuditEvent>;
  readonly #all: Statement<[QueryParameters], AuditEvent>;
  readonly #byUser: Statement<[QueryParameters], AuditEvent>;
  readonly #byAction: Statement<[QueryParameters], AuditEvent>;
  readonly #byUserAndAction: Statement<[QueryParameters], AuditEvent>;
  readonly #walk: Statement<[WalkParameters], AuditEvent>;

  constructor(db: Database) {
    const values = COLUMNS.replaceAll(/\w+/g, (name) => `@${name}`);
    this.#insert = db.prepare(`INSERT INTO audit_log (${COLUMNS}) VALUES (${values})`);
    this.#get = db.prepare(`SELECT ${COLUMNS} FROM audit_log WHERE event_id = ?`);
    const query = (index: string, filter: string) => db.prepare<[QueryParameters], AuditEvent>(querySql(index, filter));
    this.#all = query('audit_log_by_time', '');
    this.#byUser = query('audit_log_by_user', 'AND user_id = @user_id');
    this.#byAction = query('audit_log_by_action', 'AND action = @action');
    this.#byUserAndAction = query('audit_log_by_user', 'AND user_id = @user_id AND action = @action');
    this.#walk = db.prepare(
      `SELECT ${COLUMNS} FROM audit_log INDEXED BY audit_log_by_time WHERE tenant_id = @tenant_id
         AND timestamp_ms < @end_ms AND timestamp_ms >= max(@start_ms, @timestamp_ms)
         AND (timestamp_ms, event_id) > (@timestamp_ms, @key)
       ORDER BY timestamp_ms, event_id LIMIT @limit`,
    );
  }

  insert(event: AuditEvent): void {
    this.#insert.run(event);
  }

  get(event_id: string): AuditEvent | null {
    return this.#get.get(event_id) ?? null;
  }

  query(tenant_id: string, filter: AuditFilter, { after, limit }: Page): readonly AuditEvent[] {
    const { user_id, action, start_ms, end_ms } = filter;
    // No id is less than '', so this place is just past everything older than `end_ms`.
    const place = after !== undefined && after.timestamp_ms < end_ms ? after : { timestamp_ms: end_ms, event_id: '' };
    const before = { before_ms: place.timestamp_ms, before_id: place.event_id };
    return this.#queryFor(filter).all({ tenant_id, user_id, action, start_ms, ...before, limit });
  }

  /** No id is greater than none at all, so a walk without a mark begins with the range. */
  walk(tenant_id: string, { start_ms, end_ms }: TimeRange, { after, limit }: Walk): WalkedEvents {
    const { timestamp_ms, key } = after ?? { timestamp_ms: start_ms, key: '' };
    const events = this.#walk.all({ tenant_id, start_ms, end_ms, timestamp_ms, key, limit });
    const last = events.length < limit ? undefined : events.at(-1);
    return {
      events: events.map((event) => ({ event_id: event.event_id, timestamp_ms: event.timestamp_ms, event })),
      next: last === undefined ? null : { timestamp_ms: last.timestamp_ms, key: last.event_id },
    };
  }

  #queryFor({ user_id, action }: AuditFilter): Statement<[QueryParameters], AuditEvent> {
    if (user_id !== undefined) return action === undefined ? this.#byUser : this.#byUserAndAction;
    return action === undefined ? this.#all : this.#byAction;
  }
}

/** The index is named: left to itself, the planner walks all of a tenant's time to find one user's events. */
function querySql(index: string, filter: string): string {
  return `SELECT ${COLUMNS} FROM audit_log INDEXED BY ${index}
    WHERE tenant_id = @tenant_id ${filter} AND timestamp_ms >= @start_ms AND timestamp_ms <= @before_ms
      AND (timestamp_ms, event_id) < (@before_ms, @before_id)
    ORDER BY timestamp_ms DESC, event_id DESC LIMIT @limit`;
}

export class SqliteAuditLog implements AuditLog {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  append(event: AuditEvent): Promise<void> {
    return this.#scope.access.change(() => {
      assertOwned(this.#scope.tenant_id, event);
      this.#scope.tables.audit.insert(event);
    });
  }

  appendOnce(event: AuditEvent): Promise<boolean> {
    return this.#scope.access.change(() => {
      assertOwned(this.#scope.tenant_id, event);
      const { audit } = this.#scope.tables;
      if (audit.get(event.event_id) !== null) return false;
      audit.insert(event);
      return true;
    });
  }

  walk(range: TimeRange, page: Walk): Promise<WalkedEvents> {
    return this.#scope.access.read(() => this.#scope.tables.audit.walk(this.#scope.tenant_id, range, page));
  }

  query(filter: AuditFilter, page: Page): Promise<readonly AuditEvent[]> {
    return this.#scope.access.read(() => this.#scope.tables.audit.query(this.#scope.tenant_id, filter, page));
  }
}
