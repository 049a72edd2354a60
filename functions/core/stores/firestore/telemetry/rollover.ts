import { LONGEST_FRESH_MS } from '../../../budgets/dashboard-reads.ts';
import { MINUTE_MS } from '../../../clock.ts';
import { sha256 } from '../../../ids.ts';
import { bucketAt } from '../../../model/bucket.ts';
import type { Device } from '../../../model/entities.ts';

/**
 * How long an answer about `device` is fresh that would be so for `fresh_ms`. Devices begin their buckets together, and the
 * first look at a new one costs a read more: what is fresh beyond the bucket's end is so a while longer, each device by a
 * time of its own within a minute, and within `pace_ms`, so that few devices wait no longer than they must.
 */
export function beyondRollover_ms(
  { device_id, widths }: Pick<Device, 'device_id' | 'widths'>,
  now_ms: number,
  fresh_ms: number,
  pace_ms: number,
): number {
  if (now_ms + fresh_ms < bucketAt(widths, now_ms).end_ms) return fresh_ms;
  return Math.min(LONGEST_FRESH_MS, fresh_ms + shareOf(device_id) * Math.min(MINUTE_MS, pace_ms));
}

/** Between 0 and 1, the same on every instance. */
function shareOf(device_id: string): number {
  return Number.parseInt(sha256(device_id).slice(0, 8), 16) / 2 ** 32;
}
