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
  return { points, next_before_ms };
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
