import * as z from 'zod';
import { Problem } from '../errors.ts';
import type { Exchange } from '../http/exchange.ts';
import { sha256 } from '../ids.ts';
import type { Tenant, User } from '../model/entities.ts';
import { Username } from '../model/names.ts';
import { isExpired } from '../model/session-rules.ts';
import { TriedPassword } from '../passwords/rules.ts';
import type { Stores, TenantStores } from '../stores/contracts.ts';
import { readSessionToken } from './cookie.ts';
import { findTenant, findUser } from './even-lookup.ts';
import { fingerprintOf } from './fingerprint.ts';
import { makeFirst, namedFirst } from './first-administrator.ts';
import { newSession, type SignedIn } from './new-session.ts';
import type { Account } from './sign-in-audit.ts';
import { throttled, type Attempt } from './throttle.ts';

export const SignInBody = z.strictObject({ username: Username, password: TriedPassword });

/** All that the sign-in door is handed. */
export interface SignInAccess {
  /** Opens a session, or throws: 401 `invalid_credentials`, the same bytes whatever was wrong, or 429. */
  readonly signIn: (credentials: z.infer<typeof SignInBody>) => Promise<SignedIn>;
}

/** A password may be changed or rehashed by another request while it is checked; then it is checked again. */
const MAX_ROUNDS = 3;

interface Lookup {
  readonly user: User | null;
  readonly tenant_exists: boolean;
  /** Null for a user who may enter, given the right password. */
  readonly obstacle: string | null;
}

export function signInAccess(exchange: Exchange, tenant_id: string): SignInAccess {
  return {
    signIn: ({ username, password }) => {
      const account = { tenant_id, username };
      return throttled(exchange, account, 'auth.login', () => trySignIn(exchange, account, password));
    },
  };
}

async function trySignIn(exchange: Exchange, account: Account, password: string): Promise<Attempt<SignedIn>> {
  const { passwords } = exchange.suite;
  const stores = await exchange.stores();
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const { user, tenant_exists, obstacle } = await lookUp(exchange, stores, account);
    const first = user === null ? namedFirst(exchange, account) : null;
    // As much work for a user who may not enter as for one who may.
    const verdict = await passwords.verify(password, obstacle === null ? user : first);
    if (first !== null && verdict.kind === 'right' && (await makeFirst(exchange, stores, account, first))) continue;
    if (user === null || obstacle !== null || verdict.kind === 'wrong') {
      return { kind: 'wrong', detail: obstacle ?? 'wrong password', user_id: user?.user_id, tenant_exists };
    }
    const own = stores.forTenant(user.tenant_id);
    const current_hash = verdict.outdated ? await renewHash(exchange, own, user, password) : user.password_hash;
    const signedIn = current_hash === null ? null : await openSession(exchange, stores, user, current_hash);
    if (signedIn !== null) return { kind: 'right', value: signedIn };
  }
  return { kind: 'wrong', detail: 'user or tenant changed meanwhile', tenant_exists: true };
}

/** Finds the user and whatever keeps them out. */
async function lookUp(exchange: Exchange, stores: Stores, { tenant_id, username }: Account): Promise<Lookup> {
  const tenant = await findTenant(exchange, stores, tenant_id);
  const user = await findUser(stores, tenant, username);
  return { user, tenant_exists: tenant !== null, obstacle: obstacleOf(tenant, user) };
}

function obstacleOf(tenant: Tenant | null, user: User | null): string | null {
  if (tenant === null) return 'unknown tenant';
  if (user === null) return 'unknown user';
  if (user.disabled) return 'user disabled';
  return tenant.disabled ? 'tenant disabled' : null;
}

/** The user's hash by today's parameters; null when another request changed it first. */
async function renewHash(exchange: Exchange, own: TenantStores, user: User, password: string): Promise<string | null> {
  const renewed = await exchange.suite.passwords.hash(password).catch((error: unknown) => {
    // The next sign-in renews it as well; this one need not fail for want of a free core.
    if (error instanceof Problem && error.code === 'overloaded') return null;
    throw error;
  });
  if (renewed === null) return user.password_hash;
  return (await own.users.rehash(user.user_id, user.password_hash, renewed)) ? renewed.password_hash : null;
}

/** Null when the user, the tenant or the password changed since they were looked up. */
async function openSession(exchange: Exchange, stores: Stores, user: User, hash: string): Promise<SignedIn | null> {
  await endPrevious(exchange, stores);
  const own = stores.forTenant(user.tenant_id);
  const { session, signedIn } = newSession(exchange, user);
  const facts = { user_id: user.user_id, target: session.session_id };
  const event = exchange.event(user.tenant_id, 'auth.login', 'success', facts);
  if ((await own.sessions.open(session, hash, event)) === 'refused') return null;
  exchange.proven.tenant_id = user.tenant_id;
  exchange.proven.username = user.username;
  // What it took to get in is a part of what the new session reads in its first minute.
  exchange.meter.allowance = exchange.suite.dashboards.allowance(session, exchange.now_ms, exchange.meter.reads);
  return signedIn;
}

/** The browser's cookie is about to be replaced, so the session it names, if it is this browser's own, ends with it. */
async function endPrevious(exchange: Exchange, stores: Stores): Promise<void> {
  const token = readSessionToken(exchange.request.header('cookie'));
  if (token === null) return;
  const session = await stores.credentials.findSession(sha256(token));
  if (session === null || isExpired(session, exchange.now_ms)) return;
  const { tenant_id, user_id, session_id, token_sha256, fingerprint } = session;
  if (fingerprintOf(token, exchange.user_agent, exchange.address).agent !== fingerprint.agent) return;
  const facts = { user_id, target: session_id, detail: 'replaced by a new sign-in' };
  const event = exchange.event(tenant_id, 'session.revoke', 'success', facts);
  await stores.forTenant(tenant_id).sessions.close(token_sha256, event);
}
