/** What `npm run admin -- list` shows. */
import type { DeviceSummary, TenantSummary } from '@bas/core/admin/tenants';
import { counted } from './words.ts';

function off({ disabled }: { readonly disabled: boolean }): string {
  return disabled ? ', disabled' : '';
}

function when(time_ms: number | null): string {
  return time_ms === null ? 'never' : `${new Date(time_ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

export function describeTenant(tenant: TenantSummary): string {
  return [
    `${tenant.tenant_id} (${tenant.name}${off(tenant)})`,
    ...tenant.users.map((user) => `  user    ${user.username} (${user.role}${off(user)})`),
    ...tenant.devices.flatMap(describeDevice),
  ].join('\n');
}

function describeDevice(device: DeviceSummary): string[] {
  return [
    `  device  ${device.device_id} (${counted(device.live_keys, 'key')}${off(device)})`,
    ...device.keys.map(
      ({ key_id, created_ms, last_used_ms }) =>
        `    key   ${key_id} (created ${when(created_ms)}, last used ${when(last_used_ms)})`,
    ),
  ];
}
