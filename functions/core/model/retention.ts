import { DAY_MS, MINUTE_MS } from '../clock.ts';

export const TELEMETRY_RETENTION_MS = 90 * DAY_MS;
export const AUDIT_RETENTION_MS = 180 * DAY_MS;
/** A year can be compared with the one before it. */
export const USAGE_RETENTION_MS = 400 * DAY_MS;
/** A device's clock may be this much ahead of ours. */
export const MAX_CLOCK_AHEAD_MS = 5 * MINUTE_MS;

/** The oldest instant that is still kept: anything before it has expired, whether or not it was deleted yet. */
export function oldestKept_ms(now_ms: number): number {
  return now_ms - TELEMETRY_RETENTION_MS;
}
