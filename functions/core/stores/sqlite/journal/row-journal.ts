import type { Database, Statement } from 'better-sqlite3';
import type { AuditEvent } from '../../../model/audit.ts';
import type { User } from '../../../model/entities.ts';
import type { JournaledRow, Mark, MarkedRow, RowKind } from '../../journal.ts';
import type { Tables } from '../tables.ts';

type Counted = { readonly kind: RowKind; readonly count: number; readonly oldest_ms: number };

/** SQLite's way to say: no limit. */
const ALL = -1;

/** Marks of rows that Firestore does not have as they are. Triggers leave them; see the migration. */
export class RowJournal {
  readonly #tables: Tables;
  readonly #marks: Statement<[RowKind, number], Mark>;
  readonly #mark: Statement<[Mark], Mark>;
  readonly #ofTenant: Statement<[RowKind, string, number], Mark>;
  readonly #clear: Statement<[Mark]>;
  readonly #tick: Statement<[]>;
  readonly #put: Statement<[RowKind, string, string, number]>;
  readonly #counts: Statement<[], Counted>;
  readonly #markAll: readonly Statement<[number]>[];

  constructor(db: Database, tables: Tables) {
    this.#tables = tables;
    const columns = 'kind, tenant_id, id, version';
    this.#marks = db.prepare(`SELECT ${columns} FROM journal WHERE kind = ? ORDER BY tenant_id, id LIMIT ?`);
    const one = 'WHERE kind = @kind AND tenant_id = @tenant_id AND id = @id';
    this.#mark = db.prepare(`SELECT ${columns} FROM journal ${one}`);
    this.#ofTenant = db.prepare(`SELECT ${columns} FROM journal WHERE kind = ? AND tenant_id = ? LIMIT ?`);
    this.#clear = db.prepare(`DELETE FROM journal ${one} AND version = @version`);
    this.#tick = db.prepare('UPDATE journal_clock SET version = version + 1');
    this.#put = db.prepare(
      `INSERT INTO journal VALUES (?, ?, ?, (SELECT version FROM journal_clock), ?)
       ON CONFLICT DO UPDATE SET version = excluded.version`,
    );
    this.#counts = db.prepare('SELECT kind, count(*) AS count, min(since_ms) AS oldest_ms FROM journal GROUP BY kind');
    const all = (kind: RowKind, table: string, id: string) =>
      db.prepare<[number]>(
        `INSERT INTO journal SELECT '${kind}', tenant_id, ${id}, (SELECT version FROM journal_clock), ? FROM ${table}
         WHERE true ON CONFLICT DO NOTHING`,
      );
    this.#markAll = [
      all('tenant', 'tenants', 'tenant_id'),
      all('device', 'devices', 'device_id'),
      all('key', 'device_keys', 'key_id'),
      all('user', 'users', 'user_id'),
      all('audit', 'audit_log', 'event_id'),
    ];
  }

  markAll(now_ms: number): void {
    for (const statement of this.#markAll) statement.run(now_ms);
  }

  mark(rows: readonly JournaledRow[], now_ms: number): void {
    this.#tick.run();
    for (const found of rows) this.#put.run(found.kind, found.row.tenant_id, idOf(found), now_ms);
  }

  marked(kinds: readonly RowKind[], limit: number): readonly MarkedRow[] {
    const marks: Mark[] = [];
    for (const kind of kinds) {
      if (marks.length < limit) marks.push(...this.#marks.all(kind, limit - marks.length));
    }
    return marks.map((mark) => ({ mark, found: this.#find(mark) }));
  }

  again(marks: readonly Mark[]): readonly MarkedRow[] {
    const now = marks.flatMap((mark) => this.#mark.get(mark) ?? []);
    return now.map((mark) => ({ mark, found: this.#find(mark) }));
  }

  users(tenant_id: string): readonly User[] {
    return this.#ofTenant.all('user', tenant_id, ALL).flatMap(({ id }) => this.#tables.users.get(tenant_id, id) ?? []);
  }

  events(tenant_id: string, limit: number): readonly AuditEvent[] {
    return this.#ofTenant.all('audit', tenant_id, limit).flatMap(({ id }) => this.#tables.audit.get(id) ?? []);
  }

  clear(marks: readonly Mark[]): void {
    for (const mark of marks) this.#clear.run(mark);
  }

  counts(): readonly Counted[] {
    return this.#counts.all();
  }

  #find({ kind, tenant_id, id }: Mark): JournaledRow | null {
    const { tenants, devices, keys, users, audit } = this.#tables;
    switch (kind) {
      case 'tenant':
        return wrap(kind, tenants.get(id));
      case 'device':
        return wrap(kind, devices.get(tenant_id, id));
      case 'key':
        return wrap(kind, keys.find(id));
      case 'user':
        return wrap(kind, users.get(tenant_id, id));
      case 'audit':
        return wrap(kind, audit.get(id));
    }
  }
}

function idOf({ kind, row }: JournaledRow): string {
  switch (kind) {
    case 'tenant':
      return row.tenant_id;
    case 'device':
      return row.device_id;
    case 'key':
      return row.key_id;
    case 'user':
      return row.user_id;
    case 'audit':
      return row.event_id;
  }
}

function wrap<K extends RowKind, R>(kind: K, row: R | null): { kind: K; row: R } | null {
  return row === null ? null : { kind, row };
}
