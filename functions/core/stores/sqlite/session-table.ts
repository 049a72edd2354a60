import type { Database, Statement } from 'better-sqlite3';
import type { Fingerprint, Session } from '../../model/entities.ts';
import { newestFirst } from '../../model/session-rules.ts';
import { NOW_MS } from './migrations/0002-cutover.ts';

interface SessionRow extends Omit<Session, 'fingerprint'> {
  readonly fingerprint_agent: string;
  readonly fingerprint_network: string;
}

function toRow({ fingerprint, ...session }: Session): SessionRow {
  return { ...session, fingerprint_agent: fingerprint.agent, fingerprint_network: fingerprint.network };
}

function fromRow({ fingerprint_agent, fingerprint_network, ...session }: SessionRow): Session {
  return { ...session, fingerprint: { agent: fingerprint_agent, network: fingerprint_network } };
}

export class SessionTable {
  readonly #find: Statement<[string], SessionRow>;
  readonly #ofUser: Statement<[string, string], SessionRow>;
  readonly #insert: Statement<[SessionRow]>;
  readonly #touch: Statement<[number, string, string, string, string]>;
  readonly #remove: Statement<[string, string]>;
  readonly #revoke: Statement<[string, string, string]>;
  readonly #removeOfUser: Statement<[string, string]>;
  readonly #removeOfTenant: Statement<[string]>;
  readonly #removeAll: Statement<[]>;
  readonly #removeOldest: Statement<[string, string, string, number], SessionRow>;
  readonly #removeUntil: Statement<[number, number]>;

  constructor(db: Database) {
    const ofUser = 'tenant_id = ? AND user_id = ?';
    this.#find = db.prepare('SELECT * FROM sessions WHERE token_sha256 = ?');
    this.#ofUser = db.prepare(`SELECT * FROM sessions WHERE ${ofUser} ORDER BY created_ms DESC, token_sha256`);
    this.#insert = db.prepare(
      `INSERT INTO sessions VALUES (@token_sha256, @session_id, @tenant_id, @user_id, @username, @role, @created_ms,
         @last_seen_ms, @fingerprint_agent, @fingerprint_network)`,
    );
    this.#touch = db.prepare(
      `UPDATE sessions SET last_seen_ms = max(last_seen_ms, ?), fingerprint_agent = ?, fingerprint_network = ?
       WHERE token_sha256 = ? AND tenant_id = ?
         AND NOT EXISTS (SELECT 1 FROM flags WHERE id = 1 AND finalized = 0 AND closing_until_ms > ${NOW_MS})`,
    );
    this.#remove = db.prepare('DELETE FROM sessions WHERE token_sha256 = ? AND tenant_id = ?');
    this.#revoke = db.prepare(`DELETE FROM sessions WHERE session_id = ? AND ${ofUser}`);
    this.#removeOfUser = db.prepare(`DELETE FROM sessions WHERE ${ofUser}`);
    this.#removeOfTenant = db.prepare('DELETE FROM sessions WHERE tenant_id = ?');
    this.#removeAll = db.prepare('DELETE FROM sessions');
    this.#removeOldest = db.prepare(
      `DELETE FROM sessions WHERE token_sha256 IN (SELECT token_sha256 FROM sessions WHERE ${ofUser}
         AND token_sha256 <> ? ORDER BY created_ms DESC, token_sha256 LIMIT -1 OFFSET ?) RETURNING *`,
    );
    this.#removeUntil = db.prepare('DELETE FROM sessions WHERE last_seen_ms <= ? OR created_ms <= ?');
  }

  find(token_sha256: string): Session | null {
    const row = this.#find.get(token_sha256);
    return row === undefined ? null : fromRow(row);
  }

  /** Newest first. */
  ofUser(tenant_id: string, user_id: string): readonly Session[] {
    return this.#ofUser.all(tenant_id, user_id).map(fromRow);
  }

  insert(session: Session): void {
    this.#insert.run(toRow(session));
  }

  /** Left out, and false, while the last of a box is delivered: nothing may be stored then, and people look on. */
  touch(tenant_id: string, token_sha256: string, last_seen_ms: number, { agent, network }: Fingerprint): boolean {
    return this.#touch.run(last_seen_ms, agent, network, token_sha256, tenant_id).changes === 1;
  }

  remove(tenant_id: string, token_sha256: string): boolean {
    return this.#remove.run(token_sha256, tenant_id).changes === 1;
  }

  revoke(tenant_id: string, user_id: string, session_id: string): boolean {
    return this.#revoke.run(session_id, tenant_id, user_id).changes === 1;
  }

  removeOfUser(tenant_id: string, user_id: string): void {
    this.#removeOfUser.run(tenant_id, user_id);
  }

  removeOfTenant(tenant_id: string): void {
    this.#removeOfTenant.run(tenant_id);
  }

  removeAll(): void {
    this.#removeAll.run();
  }

  /** Leaves `session` and the newest others of its user, `limit` in all; answers those that ended, newest first. */
  removeBeyond(limit: number, { tenant_id, user_id, token_sha256 }: Session): readonly Session[] {
    const ended = this.#removeOldest.all(tenant_id, user_id, token_sha256, limit - 1);
    return ended.map(fromRow).sort(newestFirst);
  }

  /** Sessions last seen, or created, at these times or before. */
  removeUntil(last_seen_ms: number, created_ms: number): number {
    return this.#removeUntil.run(last_seen_ms, created_ms).changes;
  }
}
