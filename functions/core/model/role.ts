import * as z from 'zod';
import { SYSTEM_TENANT } from './names.ts';

export const Role = z.enum(['viewer', 'operator', 'admin', 'platform_admin']);
export type Role = z.infer<typeof Role>;

/** What a role may do. A route names the permission it needs; only this table says who has it. */
const PERMISSIONS = {
  'telemetry.read': ['viewer', 'operator', 'admin', 'platform_admin'],
  'telemetry.write': ['operator', 'admin'],
  'devices.manage': ['operator', 'admin'],
  'users.manage': ['admin', 'platform_admin'],
  'audit.read': ['admin', 'platform_admin'],
  'usage.read': ['admin', 'platform_admin'],
  'cutover.run': ['platform_admin'],
  'account.own': ['viewer', 'operator', 'admin', 'platform_admin'],
} as const satisfies Record<string, readonly Role[]>;

/** Platform administrators belong to the platform's own tenant, and only they do. */
export function fitsTenant(role: Role, tenant_id: string): boolean {
  return (role === 'platform_admin') === (tenant_id === SYSTEM_TENANT);
}

export type Permission = keyof typeof PERMISSIONS;

export function mayUse(role: Role, permission: Permission): boolean {
  const roles: readonly Role[] = PERMISSIONS[permission];
  return roles.includes(role);
}
