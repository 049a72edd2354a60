import { SECOND_MS } from '../clock.ts';
import { Problem } from '../errors.ts';
import { hostOf } from '../http/client-address.ts';
import type { Exchange } from '../http/exchange.ts';
import { sentWith } from '../http/sent.ts';
import { sha256 } from '../ids.ts';
import type { AuditAction } from '../model/audit.ts';
import { ACCOUNT_POLICY, ADDRESS_POLICY } from '../model/throttle.ts';
import type { ThrottleClaim, ThrottleReservation } from '../model/throttle.ts';
import { stackOf } from '../observability/log.ts';
import type { Stores } from '../stores/contracts.ts';
import { tellSignIn, type Account, type Refusal } from './sign-in-audit.ts';

/** What a try came to; what was wrong is for the audit log alone. */
export type Attempt<T> =
  | { readonly kind: 'right'; readonly value: T }
  | ({ readonly kind: 'wrong' } & Pick<Refusal, 'detail' | 'user_id' | 'tenant_exists'>);

/**
 * Runs one try of a password. It is counted as a failure, for the account from this network and for the network as a
 * whole, before `attempt` may do any work; only a wrong password leaves it counted. A victim is never locked out from
 * elsewhere, because no counter is kept for an account alone. A wrong try is the same 401 whatever was wrong with it.
 *
 * Tries of one account and network take turns: each is counted only while it runs, so many right ones at once are not
 * mistaken for guessing.
 */
export async function throttled<T>(
  exchange: Exchange,
  account: Account,
  action: AuditAction,
  attempt: () => Promise<Attempt<T>>,
): Promise<T> {
  const { one, network } = claimsOf(exchange, account);
  const stores = await exchange.stores();
  const result = await exchange.suite.sign_ins.run(one.key, async () => {
    const reservation = await stores.throttle.reserve([one, network], exchange.now_ms);
    return reservation.kind === 'blocked' ? reservation : counted(exchange, stores, one, network, attempt);
  });
  if (result.kind === 'right') return result.value;
  if (result.kind === 'blocked') {
    await tellSignIn(exchange, stores, account, { action, outcome: 'refused', detail: 'sign_in_throttled' });
    throw tooMany(result, exchange.now_ms);
  }
  await tellSignIn(exchange, stores, account, { ...result, action, outcome: 'failure' });
  throw new Problem('invalid_credentials', 'Check the tenant, the username and the password.');
}

async function counted<T>(
  exchange: Exchange,
  stores: Stores,
  one: ThrottleClaim,
  network: ThrottleClaim,
  attempt: () => Promise<Attempt<T>>,
): Promise<Attempt<T>> {
  try {
    const result = await attempt();
    if (result.kind === 'right') await forgive(exchange, stores, [one], [network]);
    return result;
  } catch (error) {
    await forgive(exchange, stores, [], [one, network]);
    throw error;
  }
}

/** Keys tell neither who was tried nor from where: only the audit log may. */
function claimsOf(exchange: Exchange, account: Account): { one: ThrottleClaim; network: ThrottleClaim } {
  const network = hostOf(exchange.address);
  const key = (...parts: readonly string[]): string => sha256(JSON.stringify(parts));
  return {
    one: { key: key('account', account.tenant_id, account.username, network), policy: ACCOUNT_POLICY },
    network: { key: key('network', network), policy: ADDRESS_POLICY },
  };
}

/** A count that cannot be taken back is a small wrong; failing the request for it would be a greater one. */
async function forgive(
  exchange: Exchange,
  stores: Stores,
  cleared: readonly ThrottleClaim[],
  refunded: readonly ThrottleClaim[],
): Promise<void> {
  try {
    await stores.throttle.forgive(cleared, refunded);
  } catch (error) {
    exchange.log('WARNING', 'a counted sign-in was not taken back', { stack: stackOf(error, sentWith(exchange)) });
  }
}

function tooMany(blocked: Extract<ThrottleReservation, { kind: 'blocked' }>, now_ms: number): Problem {
  return new Problem('sign_in_throttled', 'Wait before you try again.', {
    retry_after_s: Math.ceil((blocked.until_ms - now_ms) / SECOND_MS),
    members: { limit: blocked.claim.policy.free_failures, used: blocked.failures, reset_ms: blocked.until_ms },
  });
}
