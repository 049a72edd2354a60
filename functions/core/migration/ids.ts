import * as z from 'zod';
import { sha256 } from '../ids.ts';

const UuidV4 = z.uuidv4();

/**
 * The id that a legacy row has here: its own when that is a UUIDv4, else one that follows from the tenant and the legacy
 * id alone, so that a resumed run, a second run and a run into the other store all give the same. It has the shape of a
 * UUIDv4, because that is what the contract promises; being made from a name it is no secret, and no id here is one.
 */
export function migratedId(kind: 'user' | 'event', tenant_id: string, legacy_id: string): string {
  if (UuidV4.safeParse(legacy_id).success) return legacy_id.toLowerCase();
  const hex = sha256(JSON.stringify([kind, tenant_id, legacy_id]));
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
