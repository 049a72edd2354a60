/** Which device, user, key or session an operation is about: often the caller's own, often somebody else's. */
import type { Access } from './expected.ts';
import type { Sender } from './guard.ts';
import { pick, type Model } from './state.ts';

/** Registered under any tenant, or several, or none. */
export const DEVICE_IDS = ['ahu', 'boiler', 'chiller', 'damper', 'fan', 'pump'] as const;

/** Its own by its key, one of its tenant's, or any there could be. */
export function deviceIdFor(model: Model, { of }: Sender, number: number): string {
  const own = model.devicesOf(of.tenant_id);
  if (number % 4 === 0 || own.length === 0) return pick([...DEVICE_IDS, 'nobody'], number >> 2);
  if (of.kind === 'key' && number % 4 !== 1) return of.device_id;
  return pick(own, number >> 2).device_id;
}

/** One of the tenant's three times of four, else another's or nobody's. */
export function idFor<T extends { readonly tenant_id: string }>(
  all: readonly T[],
  { tenant_id }: Access,
  number: number,
  idOf: (one: T) => string,
): string {
  const own = all.filter((one) => one.tenant_id === tenant_id);
  if (number % 8 === 0 || all.length === 0) return '00000000-0000-4000-8000-000000000000';
  return idOf(pick(number % 4 > 0 && own.length > 0 ? own : all, number >> 3));
}
