import * as z from 'zod';
import { Problem } from '../errors.ts';
import type { Visit } from '../http/exchange.ts';
import type { ListQuery } from '../http/paging.ts';
import { decodeCursor, encodeCursor } from '../model/cursor.ts';
import type { Session } from '../model/entities.ts';
import { absoluteExpiry_ms, idleExpiry_ms, isExpired } from '../model/session-rules.ts';
import { NewPassword, TriedPassword } from '../passwords/rules.ts';
import type { SessionAccess } from '../tenancy/access.ts';
import { newSession, sessionAnswer, type SignedIn } from './new-session.ts';
import type { Attempt } from './throttle.ts';

export const PasswordChangeBody = z.strictObject({ current_password: TriedPassword, new_password: NewPassword });

/** Who is signed in, and until when. */
export async function ownSession({ session, stores }: SessionAccess) {
  const user = await stores.users.get(session.user_id);
  if (user === null) throw signInAgain();
  return sessionAnswer(session, user);
}

export async function signOut({ session, stores }: SessionAccess, visit: Visit): Promise<void> {
  const event = visit.event(stores.tenant_id, 'auth.logout', 'success', { target: session.session_id });
  await stores.sessions.close(session.token_sha256, event);
}

/** A cookie alone is not enough: the current password is asked for, and throttled like any other try of it. */
export function changePassword(
  access: SessionAccess,
  body: z.infer<typeof PasswordChangeBody>,
  visit: Visit,
): Promise<SignedIn> {
  return access.countedTry('auth.password_change', () => tryChange(access, body, visit));
}

async function tryChange(
  { session, stores }: SessionAccess,
  { current_password, new_password }: z.infer<typeof PasswordChangeBody>,
  visit: Visit,
): Promise<Attempt<SignedIn>> {
  const { passwords } = visit;
  const user = await stores.users.get(session.user_id);
  if (user === null) throw signInAgain();
  const verdict = await passwords.verify(current_password, user);
  if (verdict.kind === 'wrong') {
    return { kind: 'wrong', detail: 'wrong password', user_id: user.user_id, tenant_exists: true };
  }
  const next = newSession(visit, user);
  const change = {
    user_id: user.user_id,
    expected_hash: user.password_hash,
    password: await passwords.hash(new_password),
    current_token_sha256: session.token_sha256,
    next: next.session,
  };
  const facts = { target: next.session.session_id, detail: 'every other session ended' };
  const event = visit.event(stores.tenant_id, 'auth.password_change', 'success', facts);
  if ((await stores.sessions.changePassword(change, event)) === 'stale') throw signInAgain();
  return { kind: 'right', value: next.signedIn };
}

function signInAgain(): Problem {
  return new Problem('reauthentication_required', 'Your session or your password has changed meanwhile.');
}

/** Where a page of sessions ended. The session itself may have ended since. */
const SessionPlace = z.tuple([z.int(), z.uuid()]);
type SessionPlace = z.infer<typeof SessionPlace>;

const placeOf = ({ created_ms, session_id }: Session): SessionPlace => [created_ms, session_id];

/** Newest first; those of the same instant by id. */
function byPlace([a_ms, a]: SessionPlace, [b_ms, b]: SessionPlace): number {
  return b_ms - a_ms || (a < b ? -1 : Number(a > b));
}

/** The user's own live sessions, newest first. */
export async function listSessions({ session, stores }: SessionAccess, { limit, cursor }: ListQuery, visit: Visit) {
  const scope = {
    tenant_id: stores.tenant_id,
    function: visit.function_name,
    query: { user_id: session.user_id, limit },
  };
  const after = cursor === undefined ? undefined : decodeCursor(scope, SessionPlace, cursor);
  const left = (await stores.sessions.listForUser(session.user_id))
    .filter((one) => !isExpired(one, visit.now_ms) && (after === undefined || byPlace(after, placeOf(one)) < 0))
    .sort((a, b) => byPlace(placeOf(a), placeOf(b)));
  const page = left.slice(0, limit);
  const last = left.length > limit ? page.at(-1) : undefined;
  return {
    sessions: page.map((one) => ({
      session_id: one.session_id,
      created_ms: one.created_ms,
      last_seen_ms: one.last_seen_ms,
      idle_expires_ms: idleExpiry_ms(one),
      expires_ms: absoluteExpiry_ms(one),
      current: one.session_id === session.session_id,
    })),
    next_cursor: last === undefined ? null : encodeCursor(scope, placeOf(last)),
  };
}

/** Ends one of the user's own sessions; whether it was the one that asked. */
export async function revokeSession(
  { session, stores }: SessionAccess,
  session_id: string,
  visit: Visit,
): Promise<{ readonly own: boolean }> {
  const event = visit.event(stores.tenant_id, 'session.revoke', 'success', { target: session_id });
  const known = z.uuid().safeParse(session_id).success;
  if (!known || !(await stores.sessions.revoke(session.user_id, session_id, event))) {
    throw new Problem('not_found', 'You have no session with this id.');
  }
  return { own: session_id === session.session_id };
}
