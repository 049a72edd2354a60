import { setImmediate } from 'node:timers/promises';
import { canonicalMetrics, parseMetrics, type Metrics, type Point } from '../model/point.ts';

/** A page looks at no more points than this, so that one question cannot hold an instance up. */
export const MAX_SCANNED_POINTS = 200_000;
/** Other requests get their turn at least this often. */
const YIELD_EVERY_POINTS = 10_000;

export interface Page {
  /** Newest first. */
  readonly points: readonly Point[];
  /** Go on before this instant (exclusive); null at the end. */
  readonly next_before_ms: number | null;
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

/** Walks chunks newest first, letting other work in between; `visit` returns false to stop. */
export async function walk(chunks: AsyncIterable<readonly Point[]>, visit: (point: Point) => boolean): Promise<void> {
  let since_yield = 0;
  for await (const chunk of chunks) {
    for (const point of chunk) if (!visit(point)) return;
    since_yield += chunk.length;
    if (since_yield >= YIELD_EVERY_POINTS) {
      since_yield = 0;
      await setImmediate();
    }
  }
}

/** The first `limit` points that have any of `names` (all points without names), cut to those names. */
export async function collectPage(
  chunks: AsyncIterable<readonly Point[]>,
  limit: number,
  names: readonly string[] | undefined,
  cut?: Cut,
): Promise<Page> {
  const points: Point[] = [];
  let next_before_ms: number | null = null;
  let last_seen_ms = 0;
  let scanned = 0;
  await walk(chunks, (point) => {
    const last = points.at(-1);
    if (scanned >= MAX_SCANNED_POINTS || (points.length === limit && last !== undefined)) {
      next_before_ms = last !== undefined && points.length === limit ? last.timestamp_ms : last_seen_ms;
      return false;
    }
    scanned += 1;
    last_seen_ms = point.timestamp_ms;
    const kept = names === undefined ? point : pick(point, names);
    if (kept !== null) points.push(kept);
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
