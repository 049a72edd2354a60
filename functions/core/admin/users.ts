import { SetupError } from '../errors.ts';
import type { User } from '../model/entities.ts';
import { SYSTEM_TENANT } from '../model/names.ts';
import { fitsTenant, type Role } from '../model/role.ts';
import { NewPassword } from '../passwords/rules.ts';
import type { Suite } from '../suite.ts';
import { allStores, tenantStores } from './access.ts';
import { adminEvent } from './events.ts';

export interface NewUser {
  readonly tenant_id: string;
  readonly username: string;
  readonly role: Role;
  readonly password: string;
}

/** Says why this person could not be created, before anyone is asked for a password. */
export async function checkNewUser(
  suite: Suite,
  { tenant_id, username, role }: Omit<NewUser, 'password'>,
): Promise<void> {
  if (!fitsTenant(role, tenant_id)) {
    throw new SetupError(`The role platform_admin belongs to the tenant ${SYSTEM_TENANT}, and only it.`);
  }
  await openSystemTenant(suite, tenant_id);
  const { users } = await tenantStores(suite, tenant_id);
  if ((await users.findByUsername(username)) !== null) throw taken(tenant_id, username);
}

export async function createUser(suite: Suite, { password, ...wanted }: NewUser): Promise<User> {
  await checkNewUser(suite, wanted);
  const user = await addUser(suite, { password: checkedPassword(password), ...wanted });
  if (user === null) throw taken(wanted.tenant_id, wanted.username);
  return user;
}

/** Null when the name is taken. Asks nothing else: the tenant and the role are the caller's to check. */
export async function addUser(suite: Suite, { password, ...wanted }: NewUser): Promise<User | null> {
  const hash = await suite.passwords.hash(password);
  const user: User = {
    ...wanted,
    ...hash,
    user_id: suite.ids.uuid(),
    disabled: false,
    created_ms: suite.clock.now_ms(),
  };
  const { users } = (await allStores(suite)).forTenant(wanted.tenant_id);
  const facts = { target: user.user_id, detail: `role ${wanted.role}` };
  const outcome = await users.create(user, adminEvent(suite, wanted.tenant_id, 'user.create', facts));
  return outcome === 'created' ? user : null;
}

export async function findUser(suite: Suite, tenant_id: string, username: string): Promise<User> {
  const { users } = await tenantStores(suite, tenant_id);
  const user = await users.findByUsername(username);
  if (user === null) throw new SetupError(`The tenant ${tenant_id} has no user ${username}: look with list.`);
  return user;
}

/** The new password ends every session of the user, in the same commit. */
export async function resetPassword(suite: Suite, user: User, password: string): Promise<void> {
  const hash = await suite.passwords.hash(checkedPassword(password));
  const { users } = await tenantStores(suite, user.tenant_id);
  const event = adminEvent(suite, user.tenant_id, 'auth.password_change', { target: user.user_id, detail: 'reset' });
  const changed = await users.update(user.user_id, { password: hash }, event);
  if (changed.kind !== 'updated') throw new SetupError(`The user ${user.username} is gone.`);
}

/** The platform's own tenant is nobody's customer: it comes with its first administrator. */
async function openSystemTenant(suite: Suite, tenant_id: string): Promise<void> {
  if (tenant_id !== SYSTEM_TENANT) return;
  const { tenants } = await allStores(suite);
  await tenants.create({ tenant_id, name: 'Platform', disabled: false, created_ms: suite.clock.now_ms() });
}

/** The password, or a `SetupError` that says what a password must be. */
export function checkedPassword(password: string): string {
  const checked = NewPassword.safeParse(password);
  if (checked.success) return checked.data;
  throw new SetupError(`The password ${checked.error.issues[0]?.message ?? 'is not allowed'}.`);
}

function taken(tenant_id: string, username: string): SetupError {
  return new SetupError(
    `The tenant ${tenant_id} has a user ${username} already: use reset-password for a new password.`,
  );
}
