import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock.ts';
import { oldestKept_ms } from './retention.ts';

/** Every width divides the next, so a start of a wider bucket is always a start of a narrower one: a common boundary. */
export const BUCKET_WIDTHS_MS = [10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS, 7 * DAY_MS] as const;
export type BucketWidth = (typeof BUCKET_WIDTHS_MS)[number];

/** A full bucket of a device that keeps its declared interval holds at least this many. */
export const POINTS_PER_BUCKET = 120;
const UNKNOWN_INTERVAL_WIDTH_MS: BucketWidth = 6 * HOUR_MS;

/** A bucket never grows past this, well below Firestore's 1 MiB per document. */
export const MAX_BUCKET_BYTES = 900_000;
/** A request never touches more buckets than this: it is one commit. */
export const MAX_BUCKETS_PER_REQUEST = 32;

/**
 * How long other instances may still use an older history: the device cache's lifetime plus the clock a device may be
 * ahead, both 5 minutes. A new width starts later than that, so no point is ever filed by an outdated width.
 */
export const WIDTH_CHANGE_NOTICE_MS = 10 * MINUTE_MS;

/** From `from_ms` on, the device's points are filed in buckets of `width_ms`. */
export interface WidthEntry {
  readonly from_ms: number;
  readonly width_ms: BucketWidth;
}

/** Oldest first; the first entry starts at 0, so every instant has a width. One that has expired has any width. */
export type WidthHistory = readonly [WidthEntry, ...WidthEntry[]];

/** The smallest width that holds at least 120 points of a device reporting every `expected_interval_ms`. */
export function widthForInterval(expected_interval_ms: number | null): BucketWidth {
  if (expected_interval_ms === null) return UNKNOWN_INTERVAL_WIDTH_MS;
  const span_ms = POINTS_PER_BUCKET * expected_interval_ms;
  return BUCKET_WIDTHS_MS.find((width_ms) => width_ms >= span_ms) ?? 7 * DAY_MS;
}

export function firstWidths(expected_interval_ms: number | null): WidthHistory {
  return [{ from_ms: 0, width_ms: widthForInterval(expected_interval_ms) }];
}

/**
 * The history after the interval changed at `now_ms`: the new width takes effect at the next common boundary. Widths by
 * which nothing that is kept was filed are dropped.
 */
export function changeWidth(history: WidthHistory, expected_interval_ms: number | null, now_ms: number): WidthHistory {
  const notice_ms = now_ms + WIDTH_CHANGE_NOTICE_MS;
  const [first, ...later] = withoutExpired(history, now_ms);
  const kept: WidthHistory = [first, ...later.filter((entry) => entry.from_ms <= notice_ms)];
  const last = kept.at(-1) ?? first;
  const width_ms = widthForInterval(expected_interval_ms);
  if (last.width_ms === width_ms) return kept;
  const boundary_ms = Math.max(last.width_ms, width_ms);
  const earliest_ms = Math.max(notice_ms, last.from_ms + 1);
  return [...kept, { from_ms: Math.ceil(earliest_ms / boundary_ms) * boundary_ms, width_ms }];
}

/** Other instances' clocks and memories may be as much behind as for the notice of a change. */
function withoutExpired(history: WidthHistory, now_ms: number): WidthHistory {
  const oldest_ms = oldestKept_ms(now_ms) - WIDTH_CHANGE_NOTICE_MS;
  const [first, ...later] = history;
  const started = later.filter((entry) => entry.from_ms <= oldest_ms);
  const { width_ms } = started.at(-1) ?? first;
  return [{ from_ms: 0, width_ms }, ...later.slice(started.length)];
}

export interface BucketSpan {
  readonly start_ms: number;
  /** Exclusive. */
  readonly end_ms: number;
}

/** The bucket that `timestamp_ms` belongs to. */
export function bucketAt(history: WidthHistory, timestamp_ms: number): BucketSpan {
  let entry: WidthEntry = history[0];
  for (const later of history) if (later.from_ms <= timestamp_ms) entry = later;
  const start_ms = Math.floor(timestamp_ms / entry.width_ms) * entry.width_ms;
  return { start_ms, end_ms: start_ms + entry.width_ms };
}

/** Bytes a point adds to its bucket document: its text, its offset's name and Firestore's own byte for each. */
export function pointBytes(metrics: string): number {
  return Buffer.byteLength(metrics) + 12;
}
