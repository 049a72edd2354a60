import { hash } from 'node:crypto';
import * as z from 'zod';
import { Problem } from '../errors.ts';

/**
 * An opaque place to go on from. It carries a digest of the query it belongs to (tenant, function, parameters), so it
 * works for nothing else. It needs no secret: scope is checked anew on every page, and a place is only a filter.
 */
export interface CursorScope {
  readonly tenant_id: string;
  readonly function: string;
  /** The query's parameters, cursor aside. */
  readonly query: Readonly<Record<string, unknown>>;
}

const MAX_CURSOR_LENGTH = 1_024;
const VERSION = 1;

export function encodeCursor(scope: CursorScope, place: unknown): string {
  return Buffer.from(JSON.stringify([VERSION, digest(scope), place])).toString('base64url');
}

/** The place in `cursor`, or a 400 `invalid_cursor` for anything that `encodeCursor` did not make for this query. */
export function decodeCursor<T>(scope: CursorScope, place: z.ZodType<T>, cursor: string): T {
  const refused = new Problem('invalid_cursor', 'Start again without a cursor, or repeat the query it came from.');
  if (cursor.length > MAX_CURSOR_LENGTH) throw refused;
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.toString('base64url') !== cursor) throw refused;
  const parsed = z.tuple([z.literal(VERSION), z.literal(digest(scope)), place]).safeParse(tryJson(bytes.toString()));
  if (!parsed.success) throw refused;
  return parsed.data[2];
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function digest(scope: CursorScope): string {
  const members = Object.entries(scope.query)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([scope.tenant_id, scope.function, members]);
  return hash('sha256', text, 'base64url').slice(0, 16);
}
