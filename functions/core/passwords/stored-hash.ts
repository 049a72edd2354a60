import type { Argon2Params, PasswordHash } from '../model/entities.ts';

/** ASVS 5 V11.4.2 and OWASP: Argon2id, 64 MiB, three passes, one lane. */
export const TODAY: Argon2Params = { algorithm: 'argon2id', memory_kib: 65_536, time_cost: 3, parallelism: 1 };

/** The hash of 32 random bytes that nobody kept, by today's parameters: what an unknown user is checked against. */
export const DUMMY_HASH =
  '$argon2id$v=19$m=65536,p=1,t=3$W8pEnv3lGdESgW3QVQ6Icg$En32UJRukTxTF56b/a4Uj42Pej62BQWSD2lDBGuuu1I';

/** A stored hash decides how much work its check takes, so what it may ask for is limited. */
const MAX_MEMORY_KIB = 131_072;
const MAX_TIME_COST = 10;
const MAX_PARALLELISM = 4;

const ENCODED =
  /^\$argon2id\$v=19\$([mtp]=[0-9]{1,7}(?:,[mtp]=[0-9]{1,7}){2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** The parameters that checking `stored` would use, read from the hash itself; null when it must not be tried. */
export function usableParams({ password_hash }: Pick<PasswordHash, 'password_hash'>): Argon2Params | null {
  const found = ENCODED.exec(password_hash);
  if (found === null) return null;
  const [, pairs = '', salt = '', hash = ''] = found;
  // No number of bytes is this long in base64.
  if (salt.length % 4 === 1 || hash.length % 4 === 1) return null;
  const values = new Map(pairs.split(',').map((pair) => [pair.slice(0, 1), Number(pair.slice(2))]));
  const memory_kib = values.get('m') ?? 0;
  const time_cost = values.get('t') ?? 0;
  const parallelism = values.get('p') ?? 0;
  if (parallelism < 1 || parallelism > MAX_PARALLELISM || time_cost < 1 || time_cost > MAX_TIME_COST) return null;
  if (memory_kib < 8 * parallelism || memory_kib > MAX_MEMORY_KIB) return null;
  return { algorithm: 'argon2id', memory_kib, time_cost, parallelism };
}

export function sameParams(a: Argon2Params, b: Argon2Params): boolean {
  return a.memory_kib === b.memory_kib && a.time_cost === b.time_cost && a.parallelism === b.parallelism;
}

/** Whether a sign-in leaves this hash as it is: any other is renewed by it. */
export function isCurrent(stored: Pick<PasswordHash, 'password_hash'>): boolean {
  const params = usableParams(stored);
  return params !== null && sameParams(params, TODAY);
}

/** Checking a hash by `params` takes less time than by today's. */
export function isCheaper({ memory_kib, time_cost }: Argon2Params): boolean {
  return memory_kib * time_cost < TODAY.memory_kib * TODAY.time_cost;
}

/** Checking a hash by `params` may take more time than by today's. */
export function isDearer({ memory_kib, time_cost }: Argon2Params): boolean {
  return memory_kib * time_cost > TODAY.memory_kib * TODAY.time_cost;
}
