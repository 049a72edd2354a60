/** Every collection and document id, made here and nowhere else. Nothing that came from a request is used as a path. */
import { sha256 } from '../../ids.ts';

export const COLLECTIONS = [
  'telemetry',
  'devices',
  'device_keys',
  'users',
  'usernames',
  'sessions',
  'audit_log',
  'usage',
  'tenants',
  'throttle',
  'system',
] as const;
export type Collection = (typeof COLLECTIONS)[number];

export interface DocumentPath {
  readonly collection: Collection;
  readonly id: string;
  /** Whose the document must be. Absent where it is found before any tenant is trusted, and then says whose it is. */
  readonly tenant_id?: string;
}

/** Far above any name the contract allows, and three parts stay below Firestore's 1,500 bytes. */
const MAX_PART_LENGTH = 300;

/** Joins parts so that no two lists of parts share an id: `~` and `=` never survive inside a part. */
export function documentId(...parts: readonly [string, ...string[]]): string {
  return parts.map(escapePart).join('~');
}

function escapePart(part: string): string {
  if (part === '') return '=';
  const escaped = part.replace(/^[^A-Za-z0-9]|[^A-Za-z0-9._:@-]/g, hex);
  // Only an escaped `=` could bring two of them together, and that is `=003d`.
  return escaped.length <= MAX_PART_LENGTH ? escaped : `==${sha256(part)}`;
}

/** One UTF-16 unit as `=` and four digits, so a lone surrogate is as safe as anything else. */
function hex(unit: string): string {
  return `=${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

export const paths = {
  bucket: (tenant_id: string, device_id: string, start_ms: number): DocumentPath => ({
    collection: 'telemetry',
    id: documentId(tenant_id, device_id, String(start_ms)),
    tenant_id,
  }),
  device: (tenant_id: string, device_id: string): DocumentPath => ({
    collection: 'devices',
    id: documentId(tenant_id, device_id),
    tenant_id,
  }),
  deviceKey: (key_id: string): DocumentPath => ({ collection: 'device_keys', id: documentId(key_id) }),
  user: (user_id: string): DocumentPath => ({ collection: 'users', id: documentId(user_id) }),
  username: (tenant_id: string, username: string): DocumentPath => ({
    collection: 'usernames',
    id: documentId(tenant_id, username),
    tenant_id,
  }),
  session: (token_sha256: string): DocumentPath => ({ collection: 'sessions', id: documentId(token_sha256) }),
  auditEvent: (event_id: string): DocumentPath => ({ collection: 'audit_log', id: documentId(event_id) }),
  usage: (tenant_id: string, day: string, shard: number): DocumentPath => ({
    collection: 'usage',
    id: documentId(tenant_id, day, String(shard)),
    tenant_id,
  }),
  tenant: (tenant_id: string): DocumentPath => ({ collection: 'tenants', id: documentId(tenant_id), tenant_id }),
  cloudFlags: (): DocumentPath => ({ collection: 'system', id: 'flags' }),
  /** A throttle key holds an address or a name: only its digest is kept. */
  throttle: (key: string): DocumentPath => ({ collection: 'throttle', id: sha256(key) }),
};

/** How the log names a document, by its path: an id that is made of a person's name is told as its digest. */
export function loggedPath(path: string): string {
  const [collection, id = ''] = path.split('/');
  return collection === 'usernames' ? `usernames/${sha256(id)}` : path;
}
