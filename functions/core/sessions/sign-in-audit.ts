import { withUntold } from '../audit/refusals.ts';
import { networkOf } from '../http/client-address.ts';
import type { Exchange } from '../http/exchange.ts';
import { sha256 } from '../ids.ts';
import type { AuditAction } from '../model/audit.ts';
import { SYSTEM_TENANT } from '../model/names.ts';
import type { Stores } from '../stores/contracts.ts';
import { findTenant } from './even-lookup.ts';

/** An account as it is tried; it need not exist. */
export interface Account {
  readonly tenant_id: string;
  readonly username: string;
}

export interface Refusal {
  readonly action: AuditAction;
  readonly outcome: 'failure' | 'refused';
  readonly detail: string;
  /** Known when the account exists. */
  readonly user_id?: string | undefined;
  /** Whether the account's tenant exists, if that has been looked up. */
  readonly tenant_exists?: boolean | undefined;
}

/**
 * Tells of a sign-in that failed in the log of the tenant it was tried in, or in the platform's own when there is none.
 * A flood is counted, not stored, and alike for accounts that exist and that do not.
 */
export async function tellSignIn(
  exchange: Exchange,
  stores: Stores,
  account: Account,
  { action, outcome, detail, user_id, tenant_exists }: Refusal,
): Promise<void> {
  exchange.refusal_told = true;
  const origin = sha256(JSON.stringify(['sign-in', account.tenant_id, networkOf(exchange.address)]));
  const untold = exchange.suite.refusals.admit(origin);
  if (untold === null) return;
  const exists = tenant_exists ?? (await findTenant(exchange, stores, account.tenant_id)) !== null;
  const tenant_id = exists ? account.tenant_id : SYSTEM_TENANT;
  const target = user_id === undefined ? masked(account.username) : null;
  const facts = { user_id: user_id ?? null, target, detail: withUntold(detail, untold) };
  await stores.forTenant(tenant_id).audit.append(exchange.event(tenant_id, action, outcome, facts));
}

/** What was typed as a username may be a password, or a name of another tenant: one letter of it is enough. */
function masked(username: string): string {
  return `${username.slice(0, 1)}***`;
}
