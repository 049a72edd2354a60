import * as z from 'zod';

/** Tenant ids, device ids and usernames share one shape: safe in a URL, a header, a document id and a file name. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/;

export const TenantId = z
  .string()
  .regex(NAME, 'must be 1 to 128 of A-Z a-z 0-9 . _ : @ - and start with a letter or digit');
export const DeviceId = TenantId;
/** Compared in lower case, so it is kept in lower case. */
export const Username = TenantId.transform((name) => name.toLowerCase());

/** The tenant in which the platform's own administrators live, and whose log takes what no tenant can be shown to own. */
export const SYSTEM_TENANT = 'system';

const METRIC_NAME = /^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/;
/** Keys that would reach an object's prototype: refused wherever a key comes from outside. */
export const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export function isMetricName(name: string): boolean {
  return METRIC_NAME.test(name) && !PROTOTYPE_KEYS.has(name);
}
