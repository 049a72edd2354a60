/** How many buckets a look asks for. */
import type { Allowance } from '../../../budgets/allowance.ts';
import { DASHBOARD_READS_PER_MINUTE } from '../../../budgets/dashboard-reads.ts';
import { bucketAt, POINTS_PER_BUCKET } from '../../../model/bucket.ts';
import type { Device } from '../../../model/entities.ts';
import type { ScanOptions } from '../../contracts.ts';

export const POLL_LIMIT = 2;
/** A device that misses a tenth of its points is still served by one bucket. */
const SURELY = 1.1;
const MAX_BATCH = 16;
/** With less than that left, a first look leaves something for other devices on the same screen. */
const PLENTY = (DASHBOARD_READS_PER_MINUTE * 4) / 5;

/** What a poll is likely to read: the newest known bucket, and the next one when that has begun. */
export function likelyPollReads({ widths }: Device, newest_ms: number | null, now_ms: number): number {
  return newest_ms !== null && now_ms >= bucketAt(widths, newest_ms).end_ms ? POLL_LIMIT : 1;
}

/** As many of the `wanted` buckets as the budget allows, which are taken from it. */
export function affordable(wanted: number, allowance: Allowance | null): number {
  if (allowance === null) return wanted;
  const limit = Math.min(wanted, allowance.left);
  return limit > 0 && allowance.take(limit) ? limit : 0;
}

/** One bucket when it should hold by now what is wanted, by the interval that the device declared, or when the budget is tight; else two. */
export function firstBatch(
  { widths, expected_interval_ms }: Device,
  { expected, now_ms }: ScanOptions,
  allowance: Allowance | null,
): number {
  if (expected <= 1 || (allowance !== null && allowance.left < PLENTY)) return 1;
  if (expected_interval_ms === null) return POLL_LIMIT;
  const filled = (now_ms - bucketAt(widths, now_ms).start_ms) / expected_interval_ms;
  return filled >= SURELY * expected ? 1 : POLL_LIMIT;
}

/** As many buckets as should hold what is still wanted; then more each time, for a consumer who wants all. */
export function nextBatch(expected: number, points: number, buckets: number): number {
  const missing = expected - points;
  // The newest bucket is still filling; the one before it is full.
  if (buckets === 1 && missing > 0) return Math.min(MAX_BATCH, Math.ceil(missing / POINTS_PER_BUCKET));
  const likely = missing > 0 && points > 0 ? Math.ceil((missing * buckets) / points) : buckets * 2;
  return Math.min(MAX_BATCH, Math.max(1, likely));
}
