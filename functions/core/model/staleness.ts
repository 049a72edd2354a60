/** How overdue a device is. The server says so when it answers, the page as time goes by. */
import { MINUTE_MS } from '../clock.ts';

const DEFAULT_INTERVAL_MS = MINUTE_MS;
const LATE_AFTER_INTERVALS = 2;
const SILENT_AFTER_INTERVALS = 10;

export type Status = 'ok' | 'late' | 'silent';

/** How often a device is expected to report, whether or not it declared that. */
export function expectedInterval_ms(declared_ms: number | null): number {
  return declared_ms ?? DEFAULT_INTERVAL_MS;
}

/** By the age of the newest point, null when there is none, and the interval that the device declared. */
export function staleness(age_ms: number | null, expected_interval_ms: number | null): Status {
  const interval_ms = expectedInterval_ms(expected_interval_ms);
  if (age_ms === null || age_ms > SILENT_AFTER_INTERVALS * interval_ms) return 'silent';
  return age_ms > LATE_AFTER_INTERVALS * interval_ms ? 'late' : 'ok';
}
