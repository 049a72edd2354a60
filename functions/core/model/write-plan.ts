import { MAX_BUCKET_BYTES, MAX_BUCKETS_PER_REQUEST, bucketAt, pointBytes, type WidthHistory } from './bucket.ts';
import { mergeMetrics } from './merge.ts';
import { MAX_METRICS_PER_POINT, type Point } from './point.ts';

export type RejectionCode =
  'invalid_point' | 'timestamp_too_old' | 'timestamp_in_future' | 'conflict' | 'bucket_full' | 'too_many_buckets';

export interface Rejection {
  /** Position in the request's `points`. */
  readonly index: number;
  readonly code: RejectionCode;
  readonly detail: string;
}

/** What ingest answers: how many points are stored now, were there already, and which were refused and why. */
export interface Receipt {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly Rejection[];
}

/** A valid point with its position in the request. */
export interface IncomingPoint extends Point {
  readonly index: number;
}

/** What a backend knows of one bucket while a request is planned. */
export interface BucketView {
  metricsAt(timestamp_ms: number): string | undefined;
  /** Sum of `pointBytes` over what is stored. */
  readonly bytes: number;
}

/** The points to put into one bucket and its size afterwards. */
export interface BucketChange {
  readonly start_ms: number;
  readonly end_ms: number;
  readonly points: ReadonlyMap<number, string>;
  readonly bytes: number;
}

export interface WritePlan {
  readonly receipt: Receipt;
  /** Empty when nothing would change: then no budget is used and nothing is written. */
  readonly changes: readonly BucketChange[];
}

export interface BucketAssignment {
  readonly buckets: readonly {
    readonly start_ms: number;
    readonly end_ms: number;
    readonly points: readonly IncomingPoint[];
  }[];
  readonly rejected: readonly Rejection[];
}

/** Sorts points into their buckets; those that would need a 33rd bucket are rejected. */
export function assignBuckets(widths: WidthHistory, points: readonly IncomingPoint[]): BucketAssignment {
  const buckets = new Map<number, { start_ms: number; end_ms: number; points: IncomingPoint[] }>();
  const rejected: Rejection[] = [];
  for (const point of points) {
    const span = bucketAt(widths, point.timestamp_ms);
    const bucket = buckets.get(span.start_ms);
    if (bucket !== undefined) bucket.points.push(point);
    else if (buckets.size < MAX_BUCKETS_PER_REQUEST) buckets.set(span.start_ms, { ...span, points: [point] });
    else rejected.push({ index: point.index, code: 'too_many_buckets', detail: 'Send this point in another request.' });
  }
  return { buckets: [...buckets.values()], rejected };
}

/**
 * Decides what a request changes, given what is stored: the one place where duplicates, conflicts and full buckets are
 * told apart, so that both backends answer alike. Pure: a backend that lost a race plans again with fresh views.
 */
export function planWrite(
  assignment: BucketAssignment,
  viewOf: (start_ms: number) => BucketView,
  options: { readonly overwrite: boolean },
): WritePlan {
  const rejected = [...assignment.rejected];
  const changes: BucketChange[] = [];
  let accepted = 0;
  let duplicates = 0;
  for (const bucket of assignment.buckets) {
    const plan = planBucket(bucket.points, viewOf(bucket.start_ms), options.overwrite);
    accepted += plan.accepted;
    duplicates += plan.duplicates;
    rejected.push(...plan.rejected);
    if (plan.points.size > 0) {
      changes.push({ start_ms: bucket.start_ms, end_ms: bucket.end_ms, points: plan.points, bytes: plan.bytes });
    }
  }
  rejected.sort((a, b) => a.index - b.index);
  return { receipt: { accepted, duplicates, rejected }, changes };
}

function planBucket(points: readonly IncomingPoint[], view: BucketView, overwrite: boolean) {
  const changed = new Map<number, string>();
  const rejected: Rejection[] = [];
  let { bytes } = view;
  let accepted = 0;
  let duplicates = 0;
  for (const { index, timestamp_ms, metrics } of points) {
    const existing = changed.get(timestamp_ms) ?? view.metricsAt(timestamp_ms);
    const merge = mergeMetrics(existing, metrics, overwrite);
    if (merge.kind === 'duplicate') {
      duplicates += 1;
    } else if (merge.kind === 'conflict') {
      const detail = `${merge.name} has another value at this time; send overwrite: true to replace it.`;
      rejected.push({ index, code: 'conflict', detail });
    } else if (merge.kind === 'too_many') {
      const detail = `With what is stored at this time it has more than ${MAX_METRICS_PER_POINT} metrics.`;
      rejected.push({ index, code: 'invalid_point', detail });
    } else {
      const grown = bytes + pointBytes(merge.metrics) - (existing === undefined ? 0 : pointBytes(existing));
      if (grown > MAX_BUCKET_BYTES) {
        const detail = 'Too much data for one span of time; declare the expected_interval_ms of the device.';
        rejected.push({ index, code: 'bucket_full', detail });
        continue;
      }
      bytes = grown;
      changed.set(timestamp_ms, merge.metrics);
      accepted += 1;
    }
  }
  return { points: changed, bytes, accepted, duplicates, rejected };
}
