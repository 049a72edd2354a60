import type { AuditEvent } from '../../model/audit.ts';
import type { Session } from '../../model/entities.ts';
import { patchUser } from '../../model/patches.ts';
import { isSameBrowser, MAX_SESSIONS_PER_USER, tellEnded } from '../../model/session-rules.ts';
import type { PasswordChange, SessionOpening, SessionStore } from '../contracts.ts';
import { assertOwned } from '../owned.ts';
import type { Scope } from './tables.ts';

export class SqliteSessions implements SessionStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  open(session: Session, password_hash: string, audit: AuditEvent): Promise<SessionOpening> {
    const { access, tables, tenant_id } = this.#scope;
    return access.change(() => {
      assertOwned(tenant_id, session, audit);
      const tenant = tables.tenants.get(tenant_id);
      if (tenant === null || tenant.disabled) return 'refused';
      const user = tables.users.get(tenant_id, session.user_id);
      if (user === null || user.disabled || user.password_hash !== password_hash) return 'refused';
      // A session must not outlive a change of role by having been prepared before it.
      if (user.role !== session.role) return 'refused';
      tables.sessions.insert(session);
      const ended = tables.sessions.removeBeyond(MAX_SESSIONS_PER_USER, session);
      tables.audit.insert(tellEnded(audit, ended));
      return 'opened';
    });
  }

  touch(
    token_sha256: string,
    last_seen_ms: number,
    fingerprint: Session['fingerprint'],
    moved?: AuditEvent,
  ): Promise<void> {
    const { access, tables, tenant_id } = this.#scope;
    return access.change(() => {
      if (moved !== undefined) assertOwned(tenant_id, moved);
      const before = moved === undefined ? null : tables.sessions.find(token_sha256);
      const touched = tables.sessions.touch(tenant_id, token_sha256, last_seen_ms, fingerprint);
      if (moved === undefined || before === null || !touched) return;
      if (!isSameBrowser(before.fingerprint, fingerprint)) tables.audit.insert(moved);
    });
  }

  close(token_sha256: string, audit: AuditEvent): Promise<boolean> {
    const { access, tables, tenant_id } = this.#scope;
    return access.change(() => {
      assertOwned(tenant_id, audit);
      if (!tables.sessions.remove(tenant_id, token_sha256)) return false;
      tables.audit.insert(audit);
      return true;
    });
  }

  listForUser(user_id: string): Promise<readonly Session[]> {
    const { access, tables, tenant_id } = this.#scope;
    return access.read(() => tables.sessions.ofUser(tenant_id, user_id));
  }

  revoke(user_id: string, session_id: string, audit: AuditEvent): Promise<boolean> {
    const { access, tables, tenant_id } = this.#scope;
    return access.change(() => {
      assertOwned(tenant_id, audit);
      if (!tables.sessions.revoke(tenant_id, user_id, session_id)) return false;
      tables.audit.insert(audit);
      return true;
    });
  }

  changePassword(change: PasswordChange, audit: AuditEvent): Promise<'changed' | 'stale'> {
    const { access, tables, tenant_id } = this.#scope;
    const { user_id, expected_hash, password, current_token_sha256, next } = change;
    return access.change(() => {
      assertOwned(tenant_id, next, audit);
      if (next.user_id !== user_id) throw new Error('The next session belongs to another user.');
      const current = tables.sessions.find(current_token_sha256);
      if (current?.tenant_id !== tenant_id || current.user_id !== user_id) return 'stale';
      const user = tables.users.get(tenant_id, user_id);
      if (user?.password_hash !== expected_hash) return 'stale';
      tables.users.update(patchUser(user, { password }));
      tables.sessions.removeOfUser(tenant_id, user_id);
      tables.sessions.insert(next);
      tables.audit.insert(audit);
      return 'changed';
    });
  }
}
