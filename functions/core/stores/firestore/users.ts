import { rolesThatMustStay, type UserUpdate } from '../../model/administrators.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { PasswordHash, User, UserPatch } from '../../model/entities.ts';
import { patchUser } from '../../model/patches.ts';
import type { Role } from '../../model/role.ts';
import type { ListPage, UserStore } from '../contracts.ts';
import { assertOwned } from '../owned.ts';
import { auditChange, commitWith, isStored } from './audit.ts';
import { users } from './converters.ts';
import type { Change, StoredDocument } from './documents.ts';
import { endings, endStragglers, ofUser, sessionsOfUser } from './ending.ts';
import { paths } from './paths.ts';
import { LOST, untilWon } from './patience.ts';
import { afterId } from './queries.ts';
import type { Scope } from './request.ts';

/** The stored user of this tenant, or null; another tenant's user is none. */
export function ownUser(document: StoredDocument | null, tenant_id: string): User | null {
  const user = document === null ? null : users.read(document.fields);
  return user?.tenant_id === tenant_id ? user : null;
}

/** What of a user may change, as one update of the version that `document` holds. */
export function userChange(user: User, document: StoredDocument): Change {
  const { role, disabled, password_hash, algo_params } = users.write(user);
  const fields = Object.entries({ role, disabled, password_hash, algo_params });
  return {
    kind: 'update',
    path: paths.user(user.user_id),
    fields: fields.map(([field, value]) => [[field], value]),
    at: document.updated,
  };
}

export class FirestoreUsers implements UserStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  async get(user_id: string): Promise<User | null> {
    return ownUser(await this.#scope.documents.get(paths.user(user_id)), this.#scope.tenant_id);
  }

  async findByUsername(username: string): Promise<User | null> {
    const { documents, tenant_id } = this.#scope;
    const guard = await documents.get(paths.username(tenant_id, username));
    return guard === null ? null : this.get(guard.fields.text('user_id'));
  }

  async list({ after, limit }: ListPage): Promise<readonly User[]> {
    const { documents, tenant_id } = this.#scope;
    const found = await documents.query({
      shape: 'users',
      equal: [tenant_id],
      after: after === undefined ? undefined : afterId(after),
      limit,
    });
    return found.map(({ fields }) => users.read(fields));
  }

  async create(user: User, audit: AuditEvent): Promise<'created' | 'exists'> {
    const { documents, tenant_id } = this.#scope;
    assertOwned(tenant_id, user, audit);
    const { user_id, username } = user;
    const guard = paths.username(tenant_id, username);
    return untilWon(async () => {
      const times = await documents.commit([
        { kind: 'create', path: paths.user(user_id), fields: users.write(user) },
        { kind: 'create', path: guard, fields: { tenant_id, username, user_id } },
        auditChange(audit),
      ]);
      if (times !== null) return 'created';
      const [known, taken] = await documents.getAll([paths.user(user_id), guard]);
      if (taken?.fields.text('user_id') === user_id) return 'created';
      if (known || taken) return 'exists';
      if (await isStored(documents, audit)) throw new Error('An audit event id was used twice.');
      return LOST;
    });
  }

  async update(user_id: string, patch: UserPatch, audit: AuditEvent): Promise<UserUpdate> {
    assertOwned(this.#scope.tenant_id, audit);
    const { shared, documents, tenant_id } = this.#scope;
    const outcome = await this.#change(user_id, async (user, document): Promise<UserUpdate | typeof LOST> => {
      const patched = patchUser(user, patch);
      const held = await this.#holdAnother(user, rolesThatMustStay(user, patched));
      if (held === null) return { kind: 'last_admin' };
      const sessions = await sessionsOfUser(this.#scope, user_id);
      const changes = [userChange(patched, document), ...held, ...endings(sessions)];
      return (await commitWith(documents, audit, changes)) ? { kind: 'updated', user: patched } : LOST;
    }).finally(() => shared.sessions.forgetWhere((session) => session.user_id === user_id));
    if (outcome?.kind === 'updated') await endStragglers(this.#scope, ofUser(tenant_id, user_id));
    return outcome ?? { kind: 'absent' };
  }

  /**
   * What makes a commit depend on another enabled user with one of `roles` being as they were read: it writes them as
   * they are. So of two administrators who remove each other at once, the later commit fails and looks again. Null when
   * there is no such user.
   */
  async #holdAnother(user: User, roles: readonly Role[]): Promise<readonly Change[] | null> {
    if (roles.length === 0) return [];
    for (const role of roles) {
      const equal = [user.tenant_id, role, false];
      // Of two, one is another.
      const found = await this.#scope.documents.query({ shape: 'enabledUsersOfRole', equal, limit: 2 });
      const other = found.find(({ fields }) => fields.text('user_id') !== user.user_id);
      if (other !== undefined) return [userChange(users.read(other.fields), other)];
    }
    return null;
  }

  async rehash(user_id: string, expected_hash: string, password: PasswordHash): Promise<boolean> {
    const { documents } = this.#scope;
    const swapped = await this.#change(user_id, async (user, document) => {
      if (user.password_hash !== expected_hash) return false;
      const times = await documents.commit([userChange(patchUser(user, { password }), document)]);
      return times === null ? LOST : true;
    });
    return swapped ?? false;
  }

  /** Reads the user, lets `change` decide and commit, and again while another change came between. */
  #change<T>(
    user_id: string,
    change: (user: User, document: StoredDocument) => Promise<T | typeof LOST>,
  ): Promise<T | null> {
    const { documents, shared, tenant_id } = this.#scope;
    const path = paths.user(user_id);
    return shared.queue.run(`user ${path.id}`, () =>
      untilWon(async () => {
        const document = await documents.get(path);
        const user = ownUser(document, tenant_id);
        return document === null || user === null ? null : change(user, document);
      }),
    );
  }
}
