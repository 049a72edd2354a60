import { SetupError } from '../errors.ts';
import { TenantId } from '../model/names.ts';
import type { LegacyValue } from '../stores/import.ts';
import { asText } from './cells.ts';

/** Whose a row is: a tenant, `other` when it is not to be migrated, or null when its tenant is no valid name. */
export type TenantRule = (cell: LegacyValue) => { readonly tenant_id: string } | 'other' | null;

/** With a column its value counts, and `given` narrows; without one `given` is everyone's tenant and must be there. */
export function tenantRule(table: string, column: string | null, given: string | null): TenantRule {
  if (column === null) {
    if (given === null) throw new SetupError(`The table ${table} has no column for the tenant: name it with --tenant.`);
    return () => ({ tenant_id: given });
  }
  return (cell) => {
    const tenant_id = asText(cell);
    if (tenant_id === undefined || !TenantId.safeParse(tenant_id).success) return null;
    return given !== null && tenant_id !== given ? 'other' : { tenant_id };
  };
}
