import * as z from 'zod';
import { derivedId } from '../model/derived-id.ts';

const UuidV4 = z.uuidv4();

/**
 * The id that a legacy row has here: its own when that is a UUIDv4, else one that follows from the tenant and the legacy
 * id alone, so that a resumed run, a second run and a run into the other store all give the same.
 */
export function migratedId(kind: 'user' | 'event', tenant_id: string, legacy_id: string): string {
  if (UuidV4.safeParse(legacy_id).success) return legacy_id.toLowerCase();
  return derivedId([kind, tenant_id, legacy_id]);
}
