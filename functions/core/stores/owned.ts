/**
 * Stops a caller that hands one tenant's row to another tenant's store. That is a fault in our code, never in a request,
 * so it is a plain `Error`. Every tenant-scoped method of every backend asks this for whatever row it is given.
 */
export function assertOwned(tenant_id: string, ...rows: readonly { readonly tenant_id: string }[]): void {
  if (rows.some((row) => row.tenant_id !== tenant_id)) {
    throw new Error("A row of one tenant was handed to another tenant's store.");
  }
}
