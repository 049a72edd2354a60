import { setTimeout as sleep } from 'node:timers/promises';
import { DAY_MS, SECOND_MS, type Clock } from '../clock.ts';
import { Meter } from '../observability/meter.ts';
import type { CloudSide } from '../stores/box/open.ts';
import { BUCKET_WIDTHS_MS } from '../model/bucket.ts';
import type { Point } from '../model/point.ts';
import type { BucketPlace, BucketRef, Journal, ListedBucket, Mirror } from '../stores/journal.ts';
import { checksumOf, differencesOf, kept, type Difference } from './differences.ts';

const AT_ONCE = 50;
const LISTED_AT_ONCE = 500;
const WIDEST_MS = Math.max(...BUCKET_WIDTHS_MS);
const MAX_DIFFERENCES = 100;
/** A bucket that changes while it is looked at is looked at again, until this has passed since the first look. */
const PATIENCE_MS = 20 * SECOND_MS;
const PAUSE_MS = 100;

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
  /** Buckets that differ, whether their points are listed or not. */
  differing: BucketPlace[];
  reads: number;
  /** Null when all was compared: else where to go on. */
  next: BucketPlace | null;
}

export interface CompareOptions {
  readonly scope: Comparison['scope'];
  readonly since_ms: number;
  /** Buckets of any age to look at again beside those that changed. */
  readonly sample: number;
  /** Where one of everything was stopped, to go on there. */
  readonly from?: BucketPlace | null;
  /** Called after each batch; answering false stops there. */
  readonly onProgress?: (comparison: Comparison) => boolean | Promise<boolean>;
}

export interface CompareParts {
  /** How long to wait for buckets that are changing to hold still. */
  readonly patience_ms?: number;
  readonly journal: Journal;
  readonly cloud: CloudSide;
  readonly clock: Clock;
}

/** Compares both stores bucket by bucket, each between two equal readings of its version. */
export async function compare(parts: CompareParts, options: CompareOptions): Promise<Comparison> {
  const meter = new Meter();
  const mirror = parts.cloud.mirror(meter);
  const { scope, since_ms, from = null } = options;
  const result: Comparison = { scope, days: [], differences: [], differing: [], reads: 0, next: from };
  const look = async (buckets: readonly BucketRef[]): Promise<void> => {
    await compareBuckets({ ...parts, mirror }, buckets, result);
    result.reads = meter.reads;
  };
  /** False when it was stopped on the way. */
  const walk = async (after: BucketPlace | null, changed_only: boolean, until: BucketPlace | null) => {
    for (;;) {
      const page = await parts.journal.buckets({ after, since_ms, changed_only, limit: AT_ONCE });
      const buckets = until === null ? page : page.filter((bucket) => !isAfter(bucket, until));
      await look(buckets);
      if (buckets.length < AT_ONCE) return true;
      after = buckets.at(-1) ?? null;
      if (until === null) result.next = after;
      if ((await options.onProgress?.(result)) === false) return false;
    }
  };
  // What differed before it was stopped, or changed since, is looked at again: the end speaks for everything.
  if (scope === 'full' && from !== null && !(await walk(null, true, from))) return result;
  if (!(await walk(from, scope === 'changed', null))) return result;
  if (scope === 'full') await findStrangers({ ...parts, mirror }, since_ms, result);
  result.reads = meter.reads;
  result.next = null;
  if (scope === 'changed') {
    const sample = await parts.journal.sample(since_ms, options.sample);
    await look(sample.filter((bucket) => !result.differing.some((found) => isSame(bucket, found))));
  }
  await options.onProgress?.(result);
  return result;
}

function isSame(a: BucketPlace, b: BucketPlace): boolean {
  return a.tenant_id === b.tenant_id && a.device_id === b.device_id && a.start_ms === b.start_ms;
}

function isAfter(a: BucketPlace, b: BucketPlace): boolean {
  if (a.tenant_id !== b.tenant_id) return a.tenant_id > b.tenant_id;
  if (a.device_id !== b.device_id) return a.device_id > b.device_id;
  return a.start_ms > b.start_ms;
}

interface Parts extends CompareParts {
  readonly mirror: Mirror;
}

async function compareBuckets(parts: Parts, buckets: readonly BucketRef[], into: Comparison): Promise<void> {
  const patience_ms = parts.patience_ms ?? PATIENCE_MS;
  const started_ms = performance.now();
  let open = await compareOnce(parts, buckets, into);
  while (open.length > 0 && performance.now() - started_ms < patience_ms) {
    await sleep(PAUSE_MS);
    open = await compareOnce(parts, open, into);
  }
  for (const bucket of open) day(into, bucket).unsettled += 1;
}

/** Names what only Firestore has, in a bucket or a place of its own: no walk over SQLite's ever comes to it. */
async function findStrangers({ journal, mirror, clock }: Parts, since_ms: number, into: Comparison): Promise<void> {
  for (let after: BucketPlace | null = null; ;) {
    const listed: readonly ListedBucket[] = await mirror.listBuckets(after, LISTED_AT_ONCE);
    const recent = listed.filter(({ start_ms }) => start_ms > since_ms - WIDEST_MS);
    const known = await Promise.all(recent.map((place) => journal.version(place)));
    const strangers = recent.filter(({ in_place }, at) => !in_place || known[at] === null);
    const mirrored = await mirror.getListed(strangers);
    for (const [at, place] of strangers.entries()) {
      const points = kept(mirrored[at]?.points ?? [], clock.now_ms());
      const theirs = points.filter(({ timestamp_ms }) => timestamp_ms >= since_ms);
      if (theirs.length > 0) note(into, place, [], theirs);
    }
    after = listed.at(-1) ?? null;
    if (listed.length < LISTED_AT_ONCE) return;
  }
}

/** Compares what is delivered and holds still meanwhile; answers the rest. What is not delivered costs no read. */
async function compareOnce(
  { journal, mirror, clock }: Parts,
  buckets: readonly BucketRef[],
  into: Comparison,
): Promise<readonly BucketRef[]> {
  const present = (await Promise.all(buckets.map((bucket) => journal.snapshot(bucket)))).filter((one) => one !== null);
  const delivered = present.filter(({ version, delivered_version }) => version === delivered_version);
  const again: BucketRef[] = present.filter((bucket) => !delivered.includes(bucket));
  const mirrored = await mirror.getBuckets(delivered);
  for (const [at, bucket] of delivered.entries()) {
    const version = await journal.version(bucket);
    if (version === bucket.version) {
      const now_ms = clock.now_ms();
      const equal = note(into, bucket, kept(bucket.points, now_ms), kept(mirrored[at]?.points ?? [], now_ms));
      // One that differs counts as never compared, so that every comparison looks at it again.
      await journal.compared(bucket, equal ? version : 0);
    } else if (version !== null) {
      again.push(bucket);
    }
  }
  return again;
}

/** Records one comparison; true when the bucket is equal on both sides. */
function note(into: Comparison, bucket: BucketPlace, ours: readonly Point[], theirs: readonly Point[]): boolean {
  const rollup = day(into, bucket);
  rollup.buckets += 1;
  rollup.points += ours.length;
  if (checksumOf(ours) === checksumOf(theirs)) {
    rollup.equal += 1;
    return true;
  }
  rollup.different += 1;
  const { tenant_id, device_id, start_ms } = bucket;
  into.differing.push({ tenant_id, device_id, start_ms });
  const room = MAX_DIFFERENCES - into.differences.length;
  into.differences.push(...differencesOf(bucket, ours, theirs).slice(0, room));
  return false;
}

function day(into: Comparison, { start_ms }: BucketPlace): ComparedDay {
  const day_ms = Math.floor(start_ms / DAY_MS) * DAY_MS;
  const known = into.days.find((one) => one.day_ms === day_ms);
  if (known !== undefined) return known;
  const fresh: ComparedDay = { day_ms, buckets: 0, points: 0, equal: 0, different: 0, unsettled: 0 };
  into.days.push(fresh);
  into.days.sort((a, b) => a.day_ms - b.day_ms);
  return fresh;
}
