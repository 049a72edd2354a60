import type { User } from './entities.ts';
import { mayUse, Role } from './role.ts';

/** What became of a change to a user. */
export type UserUpdate =
  | { readonly kind: 'updated'; readonly user: User }
  | { readonly kind: 'absent' }
  /** Nothing changed: nobody would be left who could undo it. */
  | { readonly kind: 'last_admin' };

type Standing = Pick<User, 'role' | 'disabled'>;

/** Whoever manages users may undo what was done to one; only a platform administrator can appoint another. */
const MANAGERS: readonly Role[] = Role.options.filter((role) => mayUse(role, 'users.manage'));
const PLATFORM: readonly Role[] = ['platform_admin'];

/**
 * The roles of which another, enabled user must be left when `user` becomes `next`, so that the tenant stays manageable
 * and the change can be undone. Empty when nobody need be: the change takes no administrator away.
 */
export function rolesThatMustStay(user: Standing, next: Standing): readonly Role[] {
  const keepers = user.role === 'platform_admin' ? PLATFORM : MANAGERS;
  const keeps = ({ role, disabled }: Standing): boolean => !disabled && keepers.includes(role);
  return keeps(user) && !keeps(next) ? keepers : [];
}
