import { canonicalMetrics, parseMetrics, type Metrics, type Point } from '../model/point.ts';
import type { Turn } from '../resilience/turns.ts';

/** A page looks at no more points than this, so that one question cannot hold an instance up. */
export const MAX_SCANNED_POINTS = 200_000;
/** To look at the clock takes as long as some points do. */
const POINTS_PER_GLANCE = 16;
/** A page ends when it holds so much, in characters: more than a hundred of the largest points there can be. */
export const MAX_PAGE_LENGTH = 4_000_000;

export interface Page {
  /** Newest first. */
  readonly points: readonly Point[];
  /** Go on before this instant (exclusive); null at the end. */
  readonly next_before_ms: number | null;
}

/** What a page is made of. */
export interface PageOptions {
  readonly limit: number;
  /** Points without any of these are left out, and other metrics of the rest; all are kept when undefined. */
  readonly names: readonly string[] | undefined;
  readonly turn: Turn;
  readonly cut?: Cut;
}

/** Where a scan ended because the read budget was used up: no point from there on is missing. */
export class Cut {
  /** Null while it has not. */
  below_ms: number | null = null;
  readonly #end_ms: number;
  readonly #interval_ms: number;

  /** A page that ends early still gets on by at least a point's place, or by a whole interval. */
  constructor(end_ms: number, interval_ms = 1) {
    this.#end_ms = end_ms;
    this.#interval_ms = interval_ms;
  }

  mayStop(below_ms: number): boolean {
    const whole_ms = Math.ceil(below_ms / this.#interval_ms) * this.#interval_ms;
    if (whole_ms >= this.#end_ms) return false;
    this.below_ms = whole_ms;
    return true;
  }
}

/** Where the next page goes on: after a full page, or after the cut. */
export function pageEnd_ms(next_before_ms: number | null, cut: Cut | undefined): number | null {
  return next_before_ms ?? cut?.below_ms ?? null;
}

/** Walks chunks newest first, a turn at a time; `visit` returns false to stop. */
export async function walk(
  chunks: AsyncIterable<readonly Point[]>,
  turn: Turn,
  visit: (point: Point) => boolean,
): Promise<void> {
  let visited = 0;
  for await (const chunk of chunks) {
    for (const point of chunk) {
      if (!visit(point)) return;
      visited += 1;
      if (visited % POINTS_PER_GLANCE === 0 && turn.isOver) await turn.next();
    }
  }
}

/** The first `limit` points that have any of `names` (all points without names), cut to those names. */
export async function collectPage(
  chunks: AsyncIterable<readonly Point[]>,
  { limit, names, turn, cut }: PageOptions,
): Promise<Page> {
  const points: Point[] = [];
  let next_before_ms: number | null = null;
  let last_seen_ms = 0;
  let scanned = 0;
  let length = 0;
  await walk(chunks, turn, (point) => {
    if (scanned >= MAX_SCANNED_POINTS || points.length === limit || length >= MAX_PAGE_LENGTH) {
      next_before_ms = last_seen_ms;
      return false;
    }
    scanned += 1;
    last_seen_ms = point.timestamp_ms;
    const kept = names === undefined ? point : pick(point, names);
    if (kept === null) return true;
    points.push(kept);
    length += kept.metrics.length;
    return true;
  });
  return { points, next_before_ms: pageEnd_ms(next_before_ms, cut) };
}

function pick(point: Point, names: readonly string[]): Point | null {
  const all = parseMetrics(point.metrics);
  const kept: Record<string, Metrics[string]> = {};
  for (const name of names) {
    const value = Object.hasOwn(all, name) ? all[name] : undefined;
    if (value !== undefined) kept[name] = value;
  }
  return Object.keys(kept).length === 0 ? null : { ...point, metrics: canonicalMetrics(kept) };
}
