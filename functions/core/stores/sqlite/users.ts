import type { Database, Statement } from 'better-sqlite3';
import { Problem } from '../../errors.ts';
import { rolesThatMustStay, type UserUpdate } from '../../model/administrators.ts';
import type { AuditEvent } from '../../model/audit.ts';
import type { AlgoParams, PasswordHash, User, UserPatch } from '../../model/entities.ts';
import { patchUser } from '../../model/patches.ts';
import type { Role } from '../../model/role.ts';
import type { ListPage, UserStore } from '../contracts.ts';
import { assertOwned } from '../owned.ts';
import type { Scope } from './tables.ts';

interface UserRow extends Omit<User, 'disabled' | 'algo_params'> {
  readonly disabled: number;
  readonly algo_params: string;
}

function toRow(user: User): UserRow {
  return { ...user, disabled: Number(user.disabled), algo_params: JSON.stringify(user.algo_params) };
}

function fromRow(row: UserRow | undefined): User | null {
  if (row === undefined) return null;
  return { ...row, disabled: row.disabled === 1, algo_params: JSON.parse(row.algo_params) as AlgoParams };
}

export class UserTable {
  readonly #get: Statement<[string, string], UserRow>;
  readonly #byUsername: Statement<[string, string], UserRow>;
  readonly #list: Statement<[string, string, number], UserRow>;
  readonly #insert: Statement<[UserRow]>;
  readonly #update: Statement<[UserRow]>;
  readonly #other: Statement<[string, Role, string], { readonly user_id: string }>;

  constructor(db: Database) {
    this.#get = db.prepare('SELECT * FROM users WHERE tenant_id = ? AND user_id = ?');
    this.#byUsername = db.prepare('SELECT * FROM users WHERE tenant_id = ? AND username = ?');
    this.#list = db.prepare('SELECT * FROM users WHERE tenant_id = ? AND user_id > ? ORDER BY user_id LIMIT ?');
    this.#insert = db.prepare(
      `INSERT INTO users VALUES (@user_id, @tenant_id, @username, @role, @disabled, @created_ms, @password_hash,
         @algo_params) ON CONFLICT DO NOTHING`,
    );
    this.#update = db.prepare(
      `UPDATE users SET role = @role, disabled = @disabled, password_hash = @password_hash, algo_params = @algo_params
       WHERE tenant_id = @tenant_id AND user_id = @user_id`,
    );
    this.#other = db.prepare(
      'SELECT user_id FROM users WHERE tenant_id = ? AND role = ? AND disabled = 0 AND user_id <> ? LIMIT 1',
    );
  }

  get(tenant_id: string, user_id: string): User | null {
    return fromRow(this.#get.get(tenant_id, user_id));
  }

  findByUsername(tenant_id: string, username: string): User | null {
    return fromRow(this.#byUsername.get(tenant_id, username));
  }

  list(tenant_id: string, { after, limit }: ListPage): readonly User[] {
    return this.#list.all(tenant_id, after ?? '', limit).flatMap((row) => fromRow(row) ?? []);
  }

  /** False when the username, or the id, is taken. */
  insert(user: User): boolean {
    return this.#insert.run(toRow(user)).changes === 1;
  }

  update(user: User): void {
    this.#update.run(toRow(user));
  }

  /** Whether the tenant has an enabled user with one of `roles` besides this one. */
  hasOther({ tenant_id, user_id }: User, roles: readonly Role[]): boolean {
    return roles.some((role) => this.#other.get(tenant_id, role, user_id) !== undefined);
  }
}

export class SqliteUsers implements UserStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  get(user_id: string): Promise<User | null> {
    const { access, tables, tenant_id } = this.#scope;
    return access.read(() => tables.users.get(tenant_id, user_id));
  }

  findByUsername(username: string): Promise<User | null> {
    const { access, tables, tenant_id } = this.#scope;
    return access.read(() => tables.users.findByUsername(tenant_id, username));
  }

  list(page: ListPage): Promise<readonly User[]> {
    const { access, tables, tenant_id } = this.#scope;
    return access.read(() => tables.users.list(tenant_id, page));
  }

  create(user: User, audit: AuditEvent): Promise<'created' | 'exists'> {
    const { access, tables, tenant_id } = this.#scope;
    return access.change(() => {
      assertOwned(tenant_id, user, audit);
      if (!tables.users.insert(user)) return 'exists';
      tables.audit.insert(audit);
      return 'created';
    });
  }

  update(user_id: string, patch: UserPatch, audit: AuditEvent): Promise<UserUpdate> {
    const { access, tables, tenant_id } = this.#scope;
    return access.change(() => {
      assertOwned(tenant_id, audit);
      const user = tables.users.get(tenant_id, user_id);
      if (user === null) return { kind: 'absent' };
      const patched = patchUser(user, patch);
      const needed = rolesThatMustStay(user, patched);
      if (needed.length > 0 && !tables.users.hasOther(user, needed)) return { kind: 'last_admin' };
      tables.users.update(patched);
      tables.sessions.removeOfUser(tenant_id, user_id);
      tables.audit.insert(audit);
      return { kind: 'updated', user: patched };
    });
  }

  rehash(user_id: string, expected_hash: string, password: PasswordHash): Promise<boolean> {
    const { access, tables, tenant_id } = this.#scope;
    const swapped = access.change(() => {
      const user = tables.users.get(tenant_id, user_id);
      if (user?.password_hash !== expected_hash) return false;
      tables.users.update(patchUser(user, { password }));
      return true;
    });
    // Nobody asked for it: while people are frozen it waits for another sign-in.
    return swapped.catch((error: unknown) => {
      if (error instanceof Problem && error.code === 'precondition_failed') return false;
      throw error;
    });
  }
}
