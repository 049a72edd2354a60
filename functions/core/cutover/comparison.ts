/** What one comparison of both stores has found so far. */
import { DAY_MS } from '../clock.ts';
import type { Point } from '../model/point.ts';
import type { BucketPlace } from '../stores/journal.ts';
import type { MirroredBucket } from '../stores/mirror.ts';
import { brokenBucket, checksumOf, differencesOf, type Difference } from './differences.ts';

const MAX_DIFFERENCES = 100;

/** What was compared of one UTC day, all devices together. */
export interface ComparedDay {
  readonly day_ms: number;
  buckets: number;
  points: number;
  equal: number;
  different: number;
  /** Changed, or were not delivered yet, each time they were looked at. */
  unsettled: number;
}

export interface Comparison {
  /** Every bucket of either store, or those that changed since they were last found equal and a sample of the others. */
  readonly scope: 'full' | 'changed';
  readonly days: ComparedDay[];
  /** The first hundred. */
  readonly differences: Difference[];
  /** Further ones, for which the list has no room. */
  unlisted: number;
  /** Buckets that differ, whether their points are listed or not. */
  differing: BucketPlace[];
  reads: number;
  /** Null when all was compared: else where to go on. */
  next: BucketPlace | null;
}

/** Records what one bucket is on both sides; true when that is the same. */
export function note(
  into: Comparison,
  bucket: BucketPlace,
  ours: readonly Point[],
  { points: theirs, fault }: Omit<MirroredBucket, 'update'>,
): boolean {
  const rollup = dayOf(into, bucket);
  rollup.buckets += 1;
  rollup.points += ours.length;
  if (fault === null && checksumOf(ours) === checksumOf(theirs)) {
    rollup.equal += 1;
    return true;
  }
  rollup.different += 1;
  const { tenant_id, device_id, start_ms } = bucket;
  into.differing.push({ tenant_id, device_id, start_ms });
  const room = MAX_DIFFERENCES - into.differences.length;
  const found = fault === null ? differencesOf(bucket, ours, theirs) : [brokenBucket(bucket, fault)];
  into.differences.push(...found.slice(0, room));
  into.unlisted += Math.max(0, found.length - room);
  return false;
}

/** Records a bucket that held still at no look. */
export function noteUnsettled(into: Comparison, bucket: BucketPlace): void {
  dayOf(into, bucket).unsettled += 1;
}

function dayOf(into: Comparison, { start_ms }: BucketPlace): ComparedDay {
  const day_ms = Math.floor(start_ms / DAY_MS) * DAY_MS;
  const known = into.days.find((one) => one.day_ms === day_ms);
  if (known !== undefined) return known;
  const fresh: ComparedDay = { day_ms, buckets: 0, points: 0, equal: 0, different: 0, unsettled: 0 };
  into.days.push(fresh);
  into.days.sort((a, b) => a.day_ms - b.day_ms);
  return fresh;
}
