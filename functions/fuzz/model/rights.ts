/** What each role may do, written out once more: a wrong right in the suite is then a difference. */
import type { Permission, Role } from '@bas/core/model/role';

const LOOKS = ['telemetry.read', 'account.own'] as const;
const WORKS = [...LOOKS, 'telemetry.write', 'devices.manage'] as const;
const GOVERNS = ['users.manage', 'audit.read', 'usage.read'] as const;

const RIGHTS: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: LOOKS,
  operator: WORKS,
  admin: [...WORKS, ...GOVERNS],
  platform_admin: [...LOOKS, ...GOVERNS, 'cutover.run'],
};

export function mayDo(role: Role, permission: Permission): boolean {
  return RIGHTS[role].includes(permission);
}
