import type * as z from 'zod';
import type { SessionAnswer } from '../http/answers.ts';
import type { Visit } from '../http/exchange.ts';
import { sha256 } from '../ids.ts';
import type { Session, User } from '../model/entities.ts';
import { absoluteExpiry_ms, idleExpiry_ms } from '../model/session-rules.ts';
import { userAnswer } from '../users/answer.ts';
import { setSessionCookie } from './cookie.ts';
import { fingerprintOf } from './fingerprint.ts';

/** What a door answers once a session was opened: its description, and the cookie that is its only copy of the token. */
export interface SignedIn {
  readonly answer: z.infer<ReturnType<typeof SessionAnswer>>;
  readonly cookie: string;
}

/** A session that is not stored yet, with a fresh token: nothing the browser sent goes into it. */
export function newSession(visit: Visit, user: User): { readonly session: Session; readonly signedIn: SignedIn } {
  const { ids, now_ms, user_agent, address } = visit;
  const token = ids.secret();
  const session: Session = {
    token_sha256: sha256(token),
    session_id: ids.uuid(),
    tenant_id: user.tenant_id,
    user_id: user.user_id,
    username: user.username,
    role: user.role,
    created_ms: now_ms,
    last_seen_ms: now_ms,
    fingerprint: fingerprintOf(token, user_agent, address),
  };
  return { session, signedIn: { answer: sessionAnswer(session, user), cookie: setSessionCookie(token) } };
}

export function sessionAnswer(session: Session, user: User): z.infer<ReturnType<typeof SessionAnswer>> {
  return {
    user: userAnswer(user),
    tenant_id: session.tenant_id,
    created_ms: session.created_ms,
    idle_expires_ms: idleExpiry_ms(session),
    expires_ms: absoluteExpiry_ms(session),
  };
}
