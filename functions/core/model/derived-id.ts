import { sha256 } from '../ids.ts';

/**
 * An id that follows from `parts` alone. It has the shape of a UUIDv4, because that is what the contract promises; being
 * made from a name it is no secret, and no id here is one.
 */
export function derivedId(parts: readonly (string | number)[]): string {
  const hex = sha256(JSON.stringify(parts));
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
