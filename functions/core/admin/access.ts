/**
 * Stores for someone who can open the data itself: the operator of the box or of the project. Only command lines come
 * this way; no function may import it.
 */
import { SetupError } from '../errors.ts';
import type { Stores, TenantStores } from '../stores/contracts.ts';
import type { Suite } from '../suite.ts';

export async function allStores(suite: Suite): Promise<Stores> {
  return (await suite.backend()).withMeter(suite.usage.meter('admin'));
}

export async function tenantStores(suite: Suite, tenant_id: string): Promise<TenantStores> {
  const stores = await allStores(suite);
  if ((await stores.tenants.get(tenant_id)) === null) throw unknownTenant(tenant_id);
  return stores.forTenant(tenant_id);
}

export function unknownTenant(tenant_id: string): SetupError {
  return new SetupError(`There is no tenant ${tenant_id}: create it first with create-tenant, or look with list.`);
}
