/** Users in the model. */
import type { Role } from '@bas/core/model/role';
import { idFor } from './choice.ts';
import { cursorFor, learnCursor, pageOf, scopeOf } from './cursors.ts';
import { INVALID_CURSOR, NOT_FOUND, refused, type Call, type Expected } from './expected.ts';
import type { Sender } from './guard.ts';
import type { Operation } from './operation.ts';
import { pick, type Model, type ModelUser } from './state.ts';

export const PASSWORD = 'a password of everybody';
const ROLES: readonly Role[] = ['viewer', 'operator', 'admin'];

export function userAnswer({ user_id, username, role, disabled, created_ms }: ModelUser) {
  return { user_id, username, role, disabled, created_ms };
}

export function users(model: Model, { of }: Sender, operation: Operation): Call {
  const limit = 1 + (operation.b % 2);
  const scope = scopeOf(of.tenant_id, 'users', { limit });
  const { query, place } = cursorFor(model, operation, scope);
  return {
    method: 'GET',
    path: `/v1/users?limit=${limit}${query}`,
    permission: 'users.manage',
    answer: ({ tenant_id }) => {
      if (place.kind === 'wrong') return INVALID_CURSOR;
      const after = place.kind === 'after' ? String(place.at) : '';
      const { page, more, last } = pageOf(
        model.usersOf(tenant_id).filter(({ user_id }) => user_id > after),
        limit,
      );
      const shown = page.map(userAnswer);
      return {
        status: 200,
        body: (answer) => ({ users: shown, next_cursor: more ? answer.member('next_cursor') : null }),
        learn: learnCursor(model, scope, last?.user_id),
      };
    },
  };
}

export function createUser(model: Model, { of }: Sender, { a, b }: Operation): Call {
  const username = `${model.markerOf(of.tenant_id)}-${a % 5}`;
  const role = b % 5 === 0 ? 'platform_admin' : pick(ROLES, b);
  return {
    method: 'POST',
    path: '/v1/users',
    json: { username, password: PASSWORD, role },
    permission: 'users.manage',
    answer: ({ tenant_id }) => {
      if (role === 'platform_admin') return refused(403, 'role_required');
      const taken = model.usersOf(tenant_id).some((user) => user.username === username);
      if (taken) return refused(409, 'already_exists');
      const known = { tenant_id, username, role, disabled: false, created_ms: model.now_ms };
      return {
        status: 201,
        body: (answer) => userAnswer({ ...known, user_id: String(answer.member('user_id')) }),
        learn: (answer) => void model.users.push({ ...known, user_id: String(answer.member('user_id')) }),
      };
    },
  };
}

export function patchUser(model: Model, { of }: Sender, { a, b, c }: Operation): Call {
  const user_id = idFor(model.users, of, a, (user) => user.user_id);
  const role = c % 9 === 0 ? 'platform_admin' : pick(ROLES, c);
  const patch = b % 2 === 0 ? { disabled: b % 4 === 0 } : { role };
  return {
    method: 'PATCH',
    path: `/v1/users/${user_id}`,
    json: patch,
    permission: 'users.manage',
    answer: ({ tenant_id }) => patched(model, model.user(tenant_id, user_id), patch),
  };
}

function patched(model: Model, user: ModelUser | undefined, patch: { disabled?: boolean; role?: Role }): Expected {
  if (user === undefined) return NOT_FOUND;
  const next = { ...user, ...patch };
  if (next.role !== user.role || next.disabled !== user.disabled) {
    if (next.role === 'platform_admin') return refused(403, 'role_required');
    const managers = model.usersOf(user.tenant_id).filter(manages);
    const last = manages(user) && !manages(next) && managers.length === 1;
    if (last) return refused(409, 'precondition_failed');
    Object.assign(user, patch);
    model.endSessionsOf(user.user_id);
  }
  const body = userAnswer(user);
  return { status: 200, body: () => body };
}

function manages({ role, disabled }: ModelUser): boolean {
  return role === 'admin' && !disabled;
}
