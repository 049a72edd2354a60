/**
 * The platform's first administrator, who comes from two secrets and from nowhere else: there is no default account.
 * Once there is one, the secrets say nothing any more, so they may be changed or taken away at any time.
 */
import type { Exchange } from '../http/exchange.ts';
import type { PasswordHash, User } from '../model/entities.ts';
import { SYSTEM_TENANT, Username } from '../model/names.ts';
import { usableParams } from '../passwords/stored-hash.ts';
import type { Stores } from '../stores/contracts.ts';
import { everyRow } from '../stores/every-row.ts';
import type { Account } from './sign-in-audit.ts';

/** The hash to try the password against when `account` is whom the secrets name; null when it is not. */
export function namedFirst(exchange: Exchange, { tenant_id, username }: Account): PasswordHash | null {
  const named = exchange.config.first_administrator;
  if (named === undefined || tenant_id !== SYSTEM_TENANT) return null;
  if (Username.safeParse(named.username).data !== username) return null;
  const algo_params = usableParams(named);
  if (algo_params !== null) return { password_hash: named.password_hash, algo_params };
  const why = 'auth-admin-password-hash is no Argon2id hash within the limits: nobody is made administrator by it';
  exchange.suite.logger.log('ERROR', why, { request_id: exchange.request_id });
  return null;
}

/** Makes `account` the platform's administrator, unless it has or had one. Whether `account` is there now. */
export async function makeFirst(
  exchange: Exchange,
  stores: Stores,
  { username }: Account,
  hash: PasswordHash,
): Promise<boolean> {
  const { users } = stores.forTenant(SYSTEM_TENANT);
  const people = await everyRow(
    (page) => users.list(page),
    (user) => user.user_id,
  );
  // Another instance may have made it since it was looked up.
  if (people.some((user) => user.username === username)) return true;
  if (people.some(({ role }) => role === 'platform_admin')) return false;
  const created_ms = exchange.now_ms;
  await stores.tenants.create({ tenant_id: SYSTEM_TENANT, name: 'Platform', disabled: false, created_ms });
  const user: User = {
    user_id: exchange.ids.uuid(),
    tenant_id: SYSTEM_TENANT,
    username,
    role: 'platform_admin',
    disabled: false,
    created_ms,
    ...hash,
  };
  const facts = { target: user.user_id, detail: 'first administrator, named by the secrets' };
  // Or may do so now: then the name is taken, by the same person.
  await users.create(user, exchange.event(SYSTEM_TENANT, 'user.create', 'success', facts));
  return true;
}
