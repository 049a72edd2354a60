import { setTimeout as sleep } from 'node:timers/promises';
import { SECOND_MS, type Clock } from '../clock.ts';
import { Meter } from '../observability/meter.ts';
import type { CloudSide } from '../stores/box/open.ts';
import { BUCKET_WIDTHS_MS } from '../model/bucket.ts';
import type { BucketPlace, BucketRef, BucketSnapshot, BucketVersions, Journal } from '../stores/journal.ts';
import type { Listing, Mirror, MirroredBucket } from '../stores/mirror.ts';
import { note, noteUnsettled, type Comparison } from './comparison.ts';
import { kept } from './differences.ts';

const AT_ONCE = 50;
const LISTED_AT_ONCE = 500;
const WIDEST_MS = Math.max(...BUCKET_WIDTHS_MS);
/** A bucket that changes while it is looked at is looked at again, until this has passed since the first look. */
const PATIENCE_MS = 20 * SECOND_MS;
const PAUSE_MS = 100;

export interface CompareOptions {
  readonly scope: Comparison['scope'];
  readonly since_ms: number;
  /** Buckets of any age to look at again beside those that changed. */
  readonly sample: number;
  /** Where one of everything was stopped, to go on there. */
  readonly from?: BucketPlace | null;
  /** Called after each batch. */
  readonly onProgress?: (comparison: Comparison) => void | Promise<void>;
  /** Stops it after the batch under way, which then waits for nothing. */
  readonly stopping?: AbortSignal | undefined;
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
  const { scope, since_ms, from = null, stopping } = options;
  const result: Comparison = { scope, days: [], differences: [], unlisted: 0, differing: [], reads: 0, next: from };
  const look = async (buckets: readonly BucketRef[]): Promise<void> => {
    await compareBuckets({ ...parts, mirror, stopping }, buckets, result);
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
      await options.onProgress?.(result);
      if (stopping?.aborted === true) return false;
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
  readonly stopping?: AbortSignal | undefined;
}

async function compareBuckets(parts: Parts, buckets: readonly BucketRef[], into: Comparison): Promise<void> {
  const patience_ms = parts.patience_ms ?? PATIENCE_MS;
  const started_ms = performance.now();
  let open = await compareOnce(parts, buckets, into);
  const mayWait = (): boolean => performance.now() - started_ms < patience_ms && parts.stopping?.aborted !== true;
  while (open.length > 0 && mayWait()) {
    await sleep(PAUSE_MS);
    open = await compareOnce(parts, open, into);
  }
  for (const bucket of open) noteUnsettled(into, bucket);
}

/** Names what only Firestore has, in a bucket or a place of its own: no walk over SQLite's ever comes to it. */
async function findStrangers({ journal, mirror, clock }: Parts, since_ms: number, into: Comparison): Promise<void> {
  for (let after: Listing['next'] = null; ;) {
    const { buckets, next }: Listing = await mirror.listBuckets(after, LISTED_AT_ONCE);
    const recent = buckets.filter(({ start_ms }) => start_ms > since_ms - WIDEST_MS);
    const known = await Promise.all(recent.map((place) => journal.versions(place)));
    const strangers = recent.filter(({ in_place }, at) => !in_place || known[at] === null);
    const mirrored = await mirror.getListed(strangers);
    for (const [at, place] of strangers.entries()) {
      const { points, fault } = keptOf(mirrored[at] ?? null, clock.now_ms());
      const theirs = points.filter(({ timestamp_ms }) => timestamp_ms >= since_ms);
      if (theirs.length > 0 || fault !== null) note(into, place, [], { points: theirs, fault });
    }
    after = next;
    if (next === null) return;
  }
}

/** What Firestore holds of it that has not expired. */
function keptOf(bucket: MirroredBucket | null, now_ms: number): Omit<MirroredBucket, 'update'> {
  return { points: kept(bucket?.points ?? [], now_ms), fault: bucket?.fault ?? null };
}

/** Compares what is delivered and holds still meanwhile; answers the rest. What is not delivered costs no read. */
async function compareOnce(
  { journal, mirror, clock }: Parts,
  buckets: readonly BucketRef[],
  into: Comparison,
): Promise<readonly BucketRef[]> {
  const again: BucketRef[] = [];
  const delivered: BucketSnapshot[] = [];
  for (const bucket of buckets) {
    const versions = await journal.versions(bucket);
    if (versions === null) continue;
    // Points are read only where they will be compared.
    const snapshot = isDelivered(versions) ? await journal.snapshot(bucket) : null;
    if (snapshot !== null && isDelivered(snapshot)) delivered.push(snapshot);
    else again.push(bucket);
  }
  const mirrored = await mirror.getBuckets(delivered);
  for (const [at, bucket] of delivered.entries()) {
    const version = (await journal.versions(bucket))?.version;
    if (version === bucket.version) {
      const now_ms = clock.now_ms();
      const equal = note(into, bucket, kept(bucket.points, now_ms), keptOf(mirrored[at] ?? null, now_ms));
      // One that differs counts as never compared, so that every comparison looks at it again.
      await journal.compared(bucket, equal ? version : 0);
    } else if (version !== undefined) {
      again.push(bucket);
    }
  }
  return again;
}

function isDelivered({ version, delivered_version }: BucketVersions): boolean {
  return version === delivered_version;
}
