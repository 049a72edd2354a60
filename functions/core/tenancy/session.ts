import { Problem } from '../errors.ts';
import type { Exchange } from '../http/exchange.ts';
import { sha256 } from '../ids.ts';
import type { Session } from '../model/entities.ts';
import { isExpired, SESSION_TOUCH_MS } from '../model/session-rules.ts';
import { readSessionToken } from '../sessions/cookie.ts';
import { fingerprintOf } from '../sessions/fingerprint.ts';
import { throttled } from '../sessions/throttle.ts';
import type { TenantStores } from '../stores/contracts.ts';
import { requireSameTenant, tenantAccess, type SessionAccess } from './access.ts';

/** 401 unless the cookie names a live session; 403 unless the tenant header names the session's tenant. */
export async function authenticateSession(exchange: Exchange): Promise<SessionAccess> {
  const token = readSessionToken(exchange.request.header('cookie'));
  if (token === null) throw signInFirst();
  const stores = await exchange.stores();
  const token_sha256 = sha256(token);
  const session = await stores.credentials.findSession(token_sha256);
  if (session === null && (await stores.credentials.endedByMove(token_sha256, exchange.now_ms))) throw signInAgain();
  if (session === null || isExpired(session, exchange.now_ms)) throw signInFirst();
  exchange.proven.user_id = session.user_id;
  exchange.proven.username = session.username;
  exchange.proven.session_id = session.session_id;
  requireSameTenant(exchange, session.tenant_id);
  const own = stores.forTenant(session.tenant_id);
  const live = await keepAlive(exchange, own, session, token);
  if (live === null) throw signInFirst();
  const { meter, now_ms, suite } = exchange;
  meter.allowance = suite.dashboards.allowance(live, now_ms, meter.reads);
  const { tenant_id, username } = live;
  return {
    ...tenantAccess(own, exchange),
    session: live,
    countedTry: (action, attempt) => throttled(exchange, { tenant_id, username }, action, attempt),
  };
}

function signInFirst(): Problem {
  return new Problem(
    'unauthenticated',
    'Sign in first: POST /v1/login. A device key posts telemetry and nothing else.',
  );
}

function signInAgain(): Problem {
  return new Problem('reauthentication_required', 'Sign-in has moved to another store: sign in again.');
}

/** Writes what use of a session changes. Null when the session had to end: its browser is not the one it was. */
async function keepAlive(
  exchange: Exchange,
  own: TenantStores,
  session: Session,
  token: string,
): Promise<Session | null> {
  const seen = fingerprintOf(token, exchange.user_agent, exchange.address);
  if (seen.agent !== session.fingerprint.agent) {
    const facts = { target: session.session_id, detail: 'another browser used this session' };
    const event = exchange.event(own.tenant_id, 'session.revoke', 'refused', facts);
    exchange.refusal_told = await own.sessions.close(session.token_sha256, event);
    return null;
  }
  const moved = seen.network !== session.fingerprint.network;
  if (!moved && exchange.now_ms - session.last_seen_ms < SESSION_TOUCH_MS) return session;
  // A browser that flits between networks must not fill the log.
  const is_told = moved && exchange.suite.refusals.admit(`moved ${session.session_id}`) !== null;
  const facts = { target: session.session_id, detail: 'the session went on from another network' };
  const event = is_told ? exchange.event(own.tenant_id, 'auth.login', 'success', facts) : undefined;
  await own.sessions.touch(session.token_sha256, exchange.now_ms, seen, event);
  return { ...session, last_seen_ms: exchange.now_ms, fingerprint: seen };
}
