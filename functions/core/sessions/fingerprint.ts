import { hash } from 'node:crypto';
import { networkOf } from '../http/client-address.ts';
import type { Fingerprint } from '../model/entities.ts';

/** Looked for in this order: a browser's own name comes before the names it borrows. */
const FAMILIES = ['Edg', 'OPR', 'Firefox', 'Chrome', 'Safari', 'curl', 'node', 'python'] as const;

/** The coarse family of a user agent; versions and platforms may change without ending a session. */
export function agentFamily(user_agent: string): string {
  return FAMILIES.find((family) => user_agent.includes(family)) ?? 'other';
}

/**
 * Where a session was opened. Keyed with the session's own token, which no store holds: the values can be compared
 * when the token comes back, and tell nothing to who reads the store (ASVS 5 V14.2).
 */
export function fingerprintOf(token: string, user_agent: string, address: string): Fingerprint {
  const keyed = (text: string): string => hash('sha256', `${token} ${text}`, 'base64url').slice(0, 22);
  return { agent: keyed(`agent ${agentFamily(user_agent)}`), network: keyed(`network ${networkOf(address)}`) };
}
