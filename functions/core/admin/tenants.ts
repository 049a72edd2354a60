import { SetupError } from '../errors.ts';
import type { DeviceKeyInfo, Tenant } from '../model/entities.ts';
import { SYSTEM_TENANT } from '../model/names.ts';
import type { Role } from '../model/role.ts';
import type { Suite } from '../suite.ts';
import { allStores, tenantStores, unknownTenant } from './access.ts';
import { everyRow } from '../stores/every-row.ts';

export async function createTenant(suite: Suite, tenant_id: string, name: string = tenant_id): Promise<Tenant> {
  const tenant: Tenant = { tenant_id, name, disabled: false, created_ms: suite.clock.now_ms() };
  const { tenants } = await allStores(suite);
  if ((await tenants.create(tenant)) === 'exists') throw new SetupError(`The tenant ${tenant_id} exists already.`);
  return tenant;
}

/** Disabling refuses the tenant's people and devices everywhere and ends their sessions. */
export async function setTenantDisabled(suite: Suite, tenant_id: string, disabled: boolean): Promise<Tenant> {
  if (tenant_id === SYSTEM_TENANT && disabled) {
    throw new SetupError(`${SYSTEM_TENANT} is the platform's own tenant and cannot be disabled.`);
  }
  const tenant = await (await allStores(suite)).tenants.setDisabled(tenant_id, disabled);
  if (tenant === null) throw unknownTenant(tenant_id);
  return tenant;
}

export interface DeviceSummary {
  readonly device_id: string;
  readonly live_keys: number;
  readonly disabled: boolean;
  readonly last_seen_ms: number | null;
  readonly keys: readonly DeviceKeyInfo[];
}

export interface TenantSummary extends Tenant {
  readonly users: readonly { username: string; role: Role; disabled: boolean }[];
  readonly devices: readonly DeviceSummary[];
}

/** What is there, without a secret: of one tenant, or of all. */
export async function listTenants(suite: Suite, tenant_id?: string): Promise<readonly TenantSummary[]> {
  const { tenants } = await allStores(suite);
  const summaries: TenantSummary[] = [];
  for (const tenant of await everyRow(
    (page) => tenants.list(page),
    (row) => row.tenant_id,
  )) {
    if (tenant_id === undefined || tenant_id === tenant.tenant_id) summaries.push(await summarize(suite, tenant));
  }
  if (tenant_id !== undefined && summaries.length === 0) throw unknownTenant(tenant_id);
  return summaries;
}

async function summarize(suite: Suite, tenant: Tenant): Promise<TenantSummary> {
  const own = await tenantStores(suite, tenant.tenant_id);
  const users = await everyRow(
    (page) => own.users.list(page),
    (user) => user.user_id,
  );
  const devices = await everyRow(
    (page) => own.devices.list(page),
    (device) => device.device_id,
  );
  return {
    ...tenant,
    users: users
      .map(({ username, role, disabled }) => ({ username, role, disabled }))
      .sort((a, b) => (a.username < b.username ? -1 : 1)),
    devices: devices.map(({ device_id, keys, disabled, last_seen_ms }) => {
      return { device_id, live_keys: keys.length, disabled, last_seen_ms, keys };
    }),
  };
}
