import { fitsTenant, type Role } from '@bas/core/model/role';

const MEANING: Readonly<Record<Role, string>> = {
  viewer: 'sees devices and their measurements.',
  operator: 'also registers devices and issues their keys.',
  admin: 'also manages users, and reads the audit log and the usage.',
  platform_admin: 'runs the platform: its own users, its audit log, and the cutover.',
};

const ROLES: readonly Role[] = ['viewer', 'operator', 'admin', 'platform_admin'];

interface RolePickerProps {
  readonly tenant_id: string;
  readonly value: Role;
  readonly onChange: (role: Role) => void;
}

/** The roles that this tenant has, each with what it means. */
export function RolePicker({ tenant_id, value, onChange }: RolePickerProps) {
  return (
    <fieldset class="choices">
      <legend class="field-label">Role</legend>
      {rolesOf(tenant_id).map((role) => (
        <label key={role} class="check">
          <input type="radio" name="role" checked={role === value} onChange={() => onChange(role)} />
          <span>
            <strong>{roleName(role)}</strong> {MEANING[role]}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

export function rolesOf(tenant_id: string): readonly Role[] {
  return ROLES.filter((role) => fitsTenant(role, tenant_id));
}

export function roleName(role: Role): string {
  return role.replace('_', ' ');
}
