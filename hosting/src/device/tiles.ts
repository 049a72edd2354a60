/** History as it is asked for: in stretches that begin where everybody's do, each asked once while it does not change. */
import { MINUTE_MS } from '@bas/core/clock';
import type { Page, Point } from '../api/answers.ts';
import type { Level } from './level.ts';
import type { Span } from './range.ts';
import { aggregated, newestOf_ms, wholeFrom_ms, type Aggregate, type Recent } from './recent.ts';

/** What is asked of every tile. */
export interface Question {
  readonly level: Level;
  readonly aggregate: Aggregate;
}

/** When the newest part of a tile was asked for: points may have come since. */
export interface Asked {
  readonly at_ms: number;
  /** Of the newest point that was known then. What a device posts after it was away is later than this. */
  readonly newest_ms: number;
}

export interface Tile extends Span {
  /** Oldest first, as far as loaded. */
  readonly points: readonly Point[];
  /** Nothing is missing from here on; the tile's own start when it is whole. */
  readonly from_ms: number;
  /** How to go on; null when it is whole. */
  readonly cursor: string | null;
  readonly asked: Asked;
}

/** The server gives no more at once. */
const LIMIT = 1_000;

/** Where the tiles begin that `span` needs, newest first: what is near to now matters most. */
export function tileStarts({ start_ms, end_ms }: Span, { tile_ms }: Level): readonly number[] {
  const first = Math.floor(start_ms / tile_ms);
  const last = Math.ceil(end_ms / tile_ms) - 1;
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, back) => (last - back) * tile_ms);
}

export function tileName({ level, aggregate }: Question, start_ms: number): string {
  return `${level.interval_ms === null ? 'points' : `${level.interval_ms} ${aggregate}`} ${start_ms}`;
}

export function tilePath(device_id: string, question: Question, start_ms: number, cursor: string | null): string {
  const { interval_ms, tile_ms } = question.level;
  const query = new URLSearchParams({ device_id, start_ms: String(start_ms), end_ms: String(start_ms + tile_ms) });
  if (interval_ms !== null) {
    query.set('interval_ms', String(interval_ms));
    query.set('aggregate', question.aggregate);
  }
  query.set('limit', String(LIMIT));
  if (cursor !== null) query.set('cursor', cursor);
  return `/v1/telemetry/window?${query.toString()}`;
}

/** `before` is the same tile as far as it was loaded when the page was asked for. */
export function withPage(before: Tile | undefined, own: Span, page: Page, asked: Asked): Tile {
  const older = page.points.toReversed();
  const points = before === undefined ? older : [...older, ...before.points];
  const is_whole = page.next_cursor === null;
  return {
    start_ms: own.start_ms,
    end_ms: own.end_ms,
    points,
    from_ms: is_whole ? own.start_ms : (points[0]?.timestamp_ms ?? own.end_ms),
    cursor: page.next_cursor,
    asked: before?.asked ?? asked,
  };
}

/** What the newest points do not tell of `span`; null when they tell all. */
export function untold(span: Span, recent: Recent, { level }: Question): Span | null {
  const end_ms = Math.min(span.end_ms, wholeFrom_ms(recent, level.interval_ms));
  return end_ms > span.start_ms ? { start_ms: span.start_ms, end_ms } : null;
}

/** Points may come a little out of order, and answers out of a cache. */
const GRACE_MS = 2 * MINUTE_MS;

/** Whether points may have come since it was asked for that the newest points do not hold. */
export function isOutdated(tile: Tile, recent: Recent, { level }: Question, now_ms: number): boolean {
  const needed_ms = Math.min(tile.end_ms, wholeFrom_ms(recent, level.interval_ms));
  const { at_ms, newest_ms } = tile.asked;
  const again_ms = at_ms + Math.max(MINUTE_MS, (level.interval_ms ?? 0) / 4);
  return newestOf_ms(recent) > newest_ms && newest_ms - GRACE_MS < needed_ms && now_ms >= again_ms;
}

/** The points of `span` from both, oldest first; the newest points win, because they are newer. */
export function joined(span: Span, tiles: readonly Tile[], recent: Recent, question: Question): readonly Point[] {
  const { level, aggregate } = question;
  const from_ms = wholeFrom_ms(recent, level.interval_ms);
  const newest = recent.points.filter(({ timestamp_ms }) => timestamp_ms >= from_ms);
  const fresh = level.interval_ms === null ? newest : aggregated(newest, level.interval_ms, aggregate);
  const old = tiles.toSorted((a, b) => a.start_ms - b.start_ms).flatMap(({ points }) => points);
  return [...old.filter(({ timestamp_ms }) => timestamp_ms < from_ms), ...fresh].filter(
    // A line goes on to the next value beyond the edge.
    ({ timestamp_ms }, at, all) =>
      (all[at + 1]?.timestamp_ms ?? timestamp_ms) >= span.start_ms &&
      (all[at - 1]?.timestamp_ms ?? timestamp_ms) < span.end_ms,
  );
}

/** What of `needed` no tile tells yet, oldest first. */
export function missing(needed: Span, tiles: readonly Tile[]): readonly Span[] {
  const known = tiles.toSorted((a, b) => a.start_ms - b.start_ms);
  const gaps: Span[] = [];
  let at_ms = needed.start_ms;
  for (const { from_ms, end_ms } of known) {
    if (from_ms > at_ms) gaps.push({ start_ms: at_ms, end_ms: Math.min(from_ms, needed.end_ms) });
    at_ms = Math.max(at_ms, end_ms);
  }
  if (at_ms < needed.end_ms) gaps.push({ start_ms: at_ms, end_ms: needed.end_ms });
  return gaps.filter(({ start_ms, end_ms }) => start_ms < end_ms);
}
