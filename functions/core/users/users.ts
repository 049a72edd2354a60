import * as z from 'zod';
import { Problem } from '../errors.ts';
import type { Visit } from '../http/exchange.ts';
import { cutPage, type ListQuery } from '../http/paging.ts';
import { decodeCursor, encodeCursor } from '../model/cursor.ts';
import type { User } from '../model/entities.ts';
import { SYSTEM_TENANT, Username } from '../model/names.ts';
import { fitsTenant, Role } from '../model/role.ts';
import { NewPassword } from '../passwords/rules.ts';
import type { SessionAccess } from '../tenancy/access.ts';
import { userAnswer } from './answer.ts';

export const UserBody = z.strictObject({ username: Username, password: NewPassword, role: Role });

export const UserPatchBody = z
  .strictObject({ role: Role.optional(), disabled: z.boolean().optional() })
  .refine((patch) => Object.keys(patch).length > 0, 'name at least one member to change');

export async function listUsers({ stores }: SessionAccess, { limit, cursor }: ListQuery, visit: Visit) {
  const scope = { tenant_id: stores.tenant_id, function: visit.function_name, query: { limit } };
  const after = cursor === undefined ? undefined : decodeCursor(scope, z.uuid(), cursor);
  const found = await stores.users.list({ after, limit: limit + 1 });
  const { rows, next_cursor } = cutPage(found, limit, (last) => encodeCursor(scope, last.user_id));
  return { users: rows.map(userAnswer), next_cursor };
}

export async function createUser(
  { session, stores }: SessionAccess,
  { username, password, role }: z.infer<typeof UserBody>,
  visit: Visit,
) {
  requireMayAssign(session, role);
  const { ids, passwords } = visit;
  const user: User = {
    tenant_id: stores.tenant_id,
    user_id: ids.uuid(),
    username,
    role,
    disabled: false,
    created_ms: visit.now_ms,
    ...(await passwords.hash(password)),
  };
  const facts = { target: user.user_id, detail: `role ${role}` };
  const event = visit.event(stores.tenant_id, 'user.create', 'success', facts);
  if ((await stores.users.create(user, event)) === 'exists') {
    throw new Problem('already_exists', 'A user with this name exists; choose another name, or PATCH that user.');
  }
  return userAnswer(user);
}

/** Changes role or access of a user, which ends their sessions. A patch that changes nothing ends nothing. */
export async function updateUser(
  { session, stores }: SessionAccess,
  user_id: string,
  patch: z.infer<typeof UserPatchBody>,
  visit: Visit,
) {
  const user = z.uuid().safeParse(user_id).success ? await stores.users.get(user_id) : null;
  if (user === null) throw noSuchUser();
  requireMayAssign(session, user.role);
  const { role = user.role, disabled = user.disabled } = patch;
  if (role === user.role && disabled === user.disabled) return userAnswer(user);
  requireMayAssign(session, role);
  const detail = `role ${user.role} -> ${role}, ${disabled ? 'disabled' : 'enabled'}`;
  const event = visit.event(stores.tenant_id, 'user.update', 'success', { target: user_id, detail });
  const outcome = await stores.users.update(user_id, patch, event);
  if (outcome.kind === 'absent') throw noSuchUser();
  if (outcome.kind === 'last_admin') {
    throw new Problem('precondition_failed', 'This is the last administrator; appoint another one first.');
  }
  return userAnswer(outcome.user);
}

function noSuchUser(): Problem {
  return new Problem('not_found', 'Your tenant has no user with this id.');
}

/** The platform's own tenant has platform administrators and nobody else, and only one of them makes or changes another. */
function requireMayAssign(session: SessionAccess['session'], role: Role): void {
  if (!fitsTenant(role, session.tenant_id)) {
    throw new Problem('role_required', `${role} is no role of this tenant.`);
  }
  if (role !== 'platform_admin') return;
  if (session.tenant_id !== SYSTEM_TENANT || session.role !== 'platform_admin') {
    throw new Problem('role_required', 'Only a platform administrator may do this, in the platform tenant.');
  }
}
