import type { Database, Statement } from 'better-sqlite3';
import type { AuditEvent } from '../../../model/audit.ts';
import type { User } from '../../../model/entities.ts';
import type { ListPage } from '../../contracts.ts';
import type { JournaledRow, Mark, MarkedRow, RowKind, RowLimit, UserName } from '../../journal.ts';
import type { Tables } from '../tables.ts';

type Counted = { readonly kind: RowKind; readonly count: number; readonly oldest_ms: number };

/** Marks of rows that Firestore does not have as they are. Triggers leave them; see the migration. */
export class RowJournal {
  readonly #tables: Tables;
  readonly #marks: Statement<[RowKind, number], Mark>;
  readonly #mark: Statement<[Omit<Mark, 'version'>], Mark>;
  readonly #ofTenant: Statement<[RowKind, string, number], Mark>;
  readonly #users: Statement<[string, string, number], Pick<Mark, 'id'>>;
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
    // Those who have left take no one's place in a page.
    this.#users = db.prepare(
      `SELECT id FROM journal WHERE kind = 'user' AND tenant_id = ? AND id > ?
         AND EXISTS (SELECT 1 FROM users WHERE user_id = id) ORDER BY id LIMIT ?`,
    );
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

  marked(kinds: readonly RowKind[], { rows, bytes }: RowLimit): readonly MarkedRow[] {
    const marked: MarkedRow[] = [];
    let room_bytes = bytes;
    for (const kind of kinds) {
      for (const mark of this.#marks.all(kind, rows - marked.length)) {
        const found = this.#find(mark);
        room_bytes -= Buffer.byteLength(JSON.stringify(found));
        if (room_bytes < 0 && marked.length > 0) return marked;
        marked.push({ mark, found });
      }
    }
    return marked;
  }

  again(marks: readonly Mark[]): readonly MarkedRow[] {
    const now = marks.flatMap((mark) => this.#mark.get(mark) ?? []);
    return now.map((mark) => ({ mark, found: this.#find(mark) }));
  }

  user(tenant_id: string, wanted: UserName): User | null {
    const { users } = this.#tables;
    const user =
      'user_id' in wanted ? users.get(tenant_id, wanted.user_id) : users.findByUsername(tenant_id, wanted.username);
    return user !== null && this.#isMarked('user', tenant_id, user.user_id) ? user : null;
  }

  users(tenant_id: string, { after, limit }: ListPage): readonly User[] {
    const ids = this.#users.all(tenant_id, after ?? '', limit);
    return ids.flatMap(({ id }) => this.#tables.users.get(tenant_id, id) ?? []);
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

  #isMarked(kind: RowKind, tenant_id: string, id: string): boolean {
    return this.#mark.get({ kind, tenant_id, id }) !== undefined;
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
