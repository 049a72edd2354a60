/**
 * Lookups for someone who has proven nothing. They read as many documents, in as many steps, whether what they look for
 * exists or not: neither the time of an answer nor its `X-Read-Count` may tell.
 */
import type { Exchange } from '../http/exchange.ts';
import type { Tenant, User } from '../model/entities.ts';
import { SYSTEM_TENANT, TenantId } from '../model/names.ts';
import type { Stores } from '../stores/contracts.ts';

/** A user id that nobody has. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

export async function findTenant(exchange: Exchange, stores: Stores, tenant_id: string): Promise<Tenant | null> {
  const named = TenantId.safeParse(tenant_id).success;
  const { reads } = exchange.meter;
  const tenant = await stores.tenants.get(named ? tenant_id : SYSTEM_TENANT);
  // A tenant that exists may be remembered; one that does not never is.
  if (exchange.meter.reads === reads) await stores.forTenant(SYSTEM_TENANT).users.get(NOBODY);
  return named ? tenant : null;
}

export async function findUser(stores: Stores, tenant: Tenant | null, username: string): Promise<User | null> {
  const { users } = stores.forTenant(tenant?.tenant_id ?? SYSTEM_TENANT);
  const user = await users.findByUsername(username);
  if (user === null) await users.get(NOBODY);
  return tenant === null ? null : user;
}
