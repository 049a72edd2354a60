import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../clock.ts';
import type { AuditEvent } from './audit.ts';
import type { Fingerprint, Session } from './entities.ts';

/** ASVS 5 V7.3: both limits are kept by the server. */
export const SESSION_IDLE_MS = 30 * MINUTE_MS;
export const SESSION_ABSOLUTE_MS = 12 * HOUR_MS;
/** `last_seen_ms` is written at most this often, so a session may idle out up to a minute early, never late. */
export const SESSION_TOUCH_MS = MINUTE_MS;
/** An instance may answer from memory for this long: the bound on how late a revocation elsewhere takes effect. */
export const SESSION_CACHE_MS = 30 * SECOND_MS;
export const MAX_SESSIONS_PER_USER = 10;
/** Two instances' clocks may be this far apart; a session seen further ahead was seen before a clock was set back. */
export const SESSION_SKEW_MS = 5 * MINUTE_MS;

export function absoluteExpiry_ms(session: Pick<Session, 'created_ms'>): number {
  return session.created_ms + SESSION_ABSOLUTE_MS;
}

export function idleExpiry_ms(session: Pick<Session, 'created_ms' | 'last_seen_ms'>): number {
  return Math.min(session.last_seen_ms + SESSION_IDLE_MS, absoluteExpiry_ms(session));
}

/** A clock that is set back must not lengthen a life: what was seen too far ahead is over. */
export function isExpired(session: Pick<Session, 'created_ms' | 'last_seen_ms'>, now_ms: number): boolean {
  return now_ms >= idleExpiry_ms(session) || session.last_seen_ms - now_ms > SESSION_SKEW_MS;
}

/** As far as its fingerprint tells: the same family of browser in the same network. */
export function isSameBrowser(a: Fingerprint, b: Fingerprint): boolean {
  return a.agent === b.agent && a.network === b.network;
}

/** Those of the same instant by token, so that every look has them in the same order. */
export function newestFirst(a: Session, b: Session): number {
  return b.created_ms - a.created_ms || (a.token_sha256 < b.token_sha256 ? -1 : 1);
}

/** The event of a sign-in, telling which live sessions it ended: only the commit itself can know. */
export function tellEnded(audit: AuditEvent, ended: readonly Session[]): AuditEvent {
  const live = ended.filter((session) => !isExpired(session, audit.timestamp_ms));
  if (live.length === 0) return audit;
  const told = `ended the oldest: ${live.map(({ session_id }) => session_id).join(', ')}`;
  return { ...audit, detail: audit.detail === null ? told : `${audit.detail}; ${told}` };
}
