/** How many buckets a look asks for, and how much memory that may take. */
import type { Allowance } from '../../../budgets/allowance.ts';
import { DASHBOARD_READS_PER_MINUTE } from '../../../budgets/dashboard-reads.ts';
import { bucketAt, MAX_BUCKET_BYTES, POINTS_PER_BUCKET } from '../../../model/bucket.ts';
import type { Device } from '../../../model/entities.ts';
import type { ScanOptions } from '../../contracts.ts';
import type { Bucket } from './bucket.ts';

export const POLL_LIMIT = 2;
/** A device that misses a tenth of its points is still served by one bucket. */
const SURELY = 1.1;
const MAX_BATCH = 16;
/** Of buckets as large as those before, a batch holds no more than this: they are all unpacked at once. */
const MAX_BATCH_BYTES = 4_000_000;
/** A known bucket, and a new one, grow by less than that between two looks. */
const GROWTH_BYTES = 100_000;
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

/** What a walk has seen so far. */
export class Seen {
  buckets = 0;
  points = 0;
  #largest_bytes = 1;

  add({ points, bytes }: Pick<Bucket, 'points' | 'bytes'>): void {
    this.buckets += 1;
    this.points += points.length;
    this.#largest_bytes = Math.max(this.#largest_bytes, bytes);
  }

  /** As many buckets as should hold what is still wanted; then more each time, for a consumer who wants all. */
  nextBatch(expected: number): number {
    const most = Math.min(MAX_BATCH, Math.floor(MAX_BATCH_BYTES / this.#largest_bytes));
    return Math.max(1, Math.min(most, this.#likely(expected - this.points)));
  }

  #likely(missing: number): number {
    // The newest bucket is still filling; the one before it is full.
    if (this.buckets === 1 && missing > 0) return Math.ceil(missing / POINTS_PER_BUCKET);
    return missing > 0 && this.points > 0 ? Math.ceil((missing * this.buckets) / this.points) : this.buckets * 2;
  }
}

/** What `limit` buckets may take: nobody knows before they are here, unless the newest of them was seen before. */
export function mayTake_bytes(limit: number, newest?: Pick<Bucket, 'bytes'>): number {
  if (newest === undefined) return limit * MAX_BUCKET_BYTES;
  return Math.min(limit * MAX_BUCKET_BYTES, newest.bytes + limit * GROWTH_BYTES);
}
