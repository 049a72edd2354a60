import type { Timestamp } from '@google-cloud/firestore';
import type { AuditEvent } from '../../model/audit.ts';
import type { Session } from '../../model/entities.ts';
import { patchUser } from '../../model/patches.ts';
import { isSameBrowser, MAX_SESSIONS_PER_USER, newestFirst, tellEnded } from '../../model/session-rules.ts';
import type { PasswordChange, SessionOpening, SessionStore } from '../contracts.ts';
import { assertOwned } from '../owned.ts';
import { auditChange, commitWith, isStored } from './audit.ts';
import { sessions, tenants } from './converters.ts';
import type { Change, StoredDocument, TransactionScope } from './documents.ts';
import { isCollision } from './errors.ts';
import { endings, endStragglers, ofUser, sessionsOfUser } from './ending.ts';
import { paths, type DocumentPath } from './paths.ts';
import { LOST, untilWon } from './patience.ts';
import type { Scope } from './request.ts';
import { ownUser, userChange } from './users.ts';

export class FirestoreSessions implements SessionStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** A transaction, because what must hold (user, tenant) is read and not written. */
  async open(session: Session, password_hash: string, audit: AuditEvent): Promise<SessionOpening> {
    const { documents, shared, tenant_id } = this.#scope;
    assertOwned(tenant_id, session, audit);
    /** By every repetition: only one of them was committed. */
    const maybe_ended: Session[] = [];
    try {
      return await shared.queue.run(`sign-in ${paths.user(session.user_id).id}`, () =>
        documents.transaction(async (scope) => {
          if (!(await this.#mayOpen(scope, session, password_hash))) return 'refused';
          const ended = await this.#beyond(scope, session);
          maybe_ended.push(...ended);
          for (const change of [...ended.map(endSession), createSession(session)]) scope.change(change);
          scope.change(auditChange(tellEnded(audit, ended)));
          return 'opened';
        }),
      );
    } catch (error) {
      // Repeated after a commit whose answer was lost, a transaction meets its own work.
      if (isCollision(error) && (await this.#isOpen(session)) && (await isStored(documents, audit))) return 'opened';
      throw error;
    } finally {
      for (const { token_sha256 } of maybe_ended) this.#forget(token_sha256);
    }
  }

  async #isOpen({ token_sha256, session_id }: Session): Promise<boolean> {
    return (await this.#find(token_sha256))?.session.session_id === session_id;
  }

  async #mayOpen(scope: TransactionScope, session: Session, password_hash: string): Promise<boolean> {
    const { tenant_id } = this.#scope;
    const [tenant, found] = await scope.getAll([paths.tenant(tenant_id), paths.user(session.user_id)]);
    if (!tenant || tenants.read(tenant.fields).disabled) return false;
    const user = ownUser(found ?? null, tenant_id);
    // A session must not outlive a change of role by having been prepared before it.
    return user !== null && !user.disabled && user.password_hash === password_hash && user.role === session.role;
  }

  /** The oldest, which must end so that with `session` the limit is kept; newest first. */
  async #beyond(scope: TransactionScope, { user_id }: Session): Promise<readonly Session[]> {
    const known = await scope.query(ofUser(this.#scope.tenant_id, user_id));
    return known
      .map(read)
      .sort(newestFirst)
      .slice(MAX_SESSIONS_PER_USER - 1);
  }

  async touch(
    token_sha256: string,
    last_seen_ms: number,
    fingerprint: Session['fingerprint'],
    moved?: AuditEvent,
  ): Promise<void> {
    const { documents, shared, tenant_id } = this.#scope;
    if (moved !== undefined) assertOwned(tenant_id, moved);
    const path = paths.session(token_sha256);
    const touch = async (): Promise<typeof LOST | undefined> => {
      const stored = await this.#find(token_sha256);
      if (stored === null) return;
      const seen_ms = Math.max(stored.session.last_seen_ms, last_seen_ms);
      const change = seenAt(path, seen_ms, fingerprint, stored.updated);
      const untold = isSameBrowser(stored.session.fingerprint, fingerprint) ? undefined : moved;
      const won =
        untold === undefined
          ? (await documents.commit([change])) !== null
          : await commitWith(documents, untold, [change]);
      if (!won) return LOST;
      shared.sessions.amend(path.id, (session) => ({ ...session, last_seen_ms: seen_ms, fingerprint }));
      return;
    };
    // A page asks many questions at once: the first of them touches for all.
    await shared.queue.run(`touch ${path.id}`, async () => {
      const known = shared.sessions.peek(path.id);
      const is_same = known !== null && isSameBrowser(known.fingerprint, fingerprint);
      if (known === null || known.last_seen_ms < last_seen_ms || !is_same) await untilWon(touch);
    });
  }

  async close(token_sha256: string, audit: AuditEvent): Promise<boolean> {
    assertOwned(this.#scope.tenant_id, audit);
    return this.#end(token_sha256, audit, async () => (await this.#find(token_sha256)) !== null);
  }

  async listForUser(user_id: string): Promise<readonly Session[]> {
    const found = await sessionsOfUser(this.#scope, user_id);
    return found.map(read).sort(newestFirst);
  }

  async revoke(user_id: string, session_id: string, audit: AuditEvent): Promise<boolean> {
    const { documents, tenant_id } = this.#scope;
    assertOwned(tenant_id, audit);
    const find = () => documents.query({ shape: 'sessionOfUser', equal: [tenant_id, user_id, session_id], limit: 1 });
    const [found] = await find();
    if (found === undefined) return false;
    return this.#end(found.fields.text('token_sha256'), audit, async () => (await find()).length > 0);
  }

  async changePassword(change: PasswordChange, audit: AuditEvent): Promise<'changed' | 'stale'> {
    const { shared, tenant_id } = this.#scope;
    assertOwned(tenant_id, change.next, audit);
    const { user_id, next } = change;
    if (next.user_id !== user_id) throw new Error('The next session belongs to another user.');
    const outcome = await shared.queue
      .run(`user ${paths.user(user_id).id}`, () => untilWon(() => this.#rotate(change, audit)))
      .finally(() => shared.sessions.forgetWhere((session) => session.user_id === user_id));
    if (outcome === 'changed') await endStragglers(this.#scope, ofUser(tenant_id, user_id), next.token_sha256);
    return outcome;
  }

  async #rotate(change: PasswordChange, audit: AuditEvent): Promise<'changed' | 'stale' | typeof LOST> {
    const { documents, tenant_id } = this.#scope;
    const { user_id, expected_hash, password, current_token_sha256, next } = change;
    const [found, current] = await documents.getAll([paths.user(user_id), paths.session(current_token_sha256)]);
    const user = ownUser(found ?? null, tenant_id);
    if (!found || user?.password_hash !== expected_hash) return 'stale';
    if (!current || current.fields.text('tenant_id') !== tenant_id) return 'stale';
    if (current.fields.text('user_id') !== user_id) return 'stale';
    const others = await sessionsOfUser(this.#scope, user_id);
    const ended = endings(others.filter((session) => session.id !== current.id));
    const won = await commitWith(documents, audit, [
      userChange(patchUser(user, { password }), found),
      { kind: 'delete', path: paths.session(current_token_sha256), must_exist: true },
      ...ended,
      createSession(next),
    ]);
    return won ? 'changed' : LOST;
  }

  /** Deletes a session with its event; false when `isThere` finds none any more. */
  async #end(token_sha256: string, audit: AuditEvent, isThere: () => Promise<boolean>): Promise<boolean> {
    const { documents } = this.#scope;
    try {
      return await untilWon(async () => {
        if (!(await isThere())) return false;
        const path = paths.session(token_sha256);
        return (await commitWith(documents, audit, [{ kind: 'delete', path, must_exist: true }])) ? true : LOST;
      });
    } finally {
      this.#forget(token_sha256);
    }
  }

  async #find(token_sha256: string) {
    const document = await this.#scope.documents.get(paths.session(token_sha256));
    if (document === null) return null;
    const session = sessions.read(document.fields);
    return session.tenant_id === this.#scope.tenant_id ? { session, updated: document.updated } : null;
  }

  #forget(token_sha256: string): void {
    this.#scope.shared.sessions.forget(paths.session(token_sha256).id);
  }
}

function seenAt(path: DocumentPath, seen_ms: number, fingerprint: Session['fingerprint'], at: Timestamp): Change {
  const fields = [
    [['last_seen_ms'], seen_ms],
    [['fingerprint'], { ...fingerprint }],
  ] as const;
  return { kind: 'update', path, fields, at };
}

function endSession({ token_sha256 }: Session): Change {
  return { kind: 'delete', path: paths.session(token_sha256) };
}

function createSession(session: Session): Change {
  return { kind: 'create', path: paths.session(session.token_sha256), fields: sessions.write(session) };
}

function read({ fields }: StoredDocument): Session {
  return sessions.read(fields);
}
