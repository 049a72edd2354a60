import { SESSION_ABSOLUTE_MS } from '../model/session-rules.ts';

/** The only cookie that Firebase Hosting lets through to a function, so the `__Host-` prefix is not to be had. */
export const SESSION_COOKIE = '__session';
const TOKEN = /^[A-Za-z0-9_-]{43}$/;
const MAX_COOKIE_HEADER = 4_096;

/** The session token in a Cookie header; null when there is none, more than one, or none of our shape. */
export function readSessionToken(header: string | undefined): string | null {
  if (header === undefined || header.length > MAX_COOKIE_HEADER) return null;
  const values = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${SESSION_COOKIE}=`))
    .map((pair) => pair.slice(SESSION_COOKIE.length + 1));
  const [value] = values;
  return values.length === 1 && value !== undefined && TOKEN.test(value) ? value : null;
}

/** Secure, HttpOnly, SameSite=Lax, whole site, no Domain (ASVS 5 V3.3). Browsers accept Secure on loopback too. */
export function setSessionCookie(token: string): string {
  const max_age_s = SESSION_ABSOLUTE_MS / 1_000;
  return `${SESSION_COOKIE}=${token}; Path=/; Max-Age=${String(max_age_s)}; HttpOnly; Secure; SameSite=Lax`;
}

export function clearSessionCookie(): string {
  return `${SESSION_COOKIE}=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax`;
}
