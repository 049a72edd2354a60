/** The newest points, which are asked for again and again, and what can be said from them alone. */
import { MINUTE_MS } from '@bas/core/clock';
import type { Metrics, Page, Point } from '../api/answers.ts';
import { usualSpacing_ms } from './level.ts';
import type { Span } from './range.ts';

export interface Recent {
  /** Oldest first. */
  readonly points: readonly Point[];
  /** From here on no point is missing. */
  readonly from_ms: number;
}

export const AGGREGATES = ['avg', 'min', 'max', 'last'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

export const AGGREGATE_TITLES: Readonly<Record<Aggregate, string>> = {
  avg: 'Average',
  min: 'Lowest',
  max: 'Highest',
  last: 'Last value',
};

export function recentOf({ points, next_cursor }: Page): Recent {
  const oldestFirst = points.toReversed();
  return {
    points: oldestFirst,
    from_ms: next_cursor === null ? -Infinity : (oldestFirst[0]?.timestamp_ms ?? -Infinity),
  };
}

/** A device that has been silent for longer than its points reach is shown as it was. */
export function liveSpan({ points }: Recent, now_ms: number, interval_ms: number): Span {
  const newest_ms = points.at(-1)?.timestamp_ms ?? now_ms;
  const oldest_ms = points[0]?.timestamp_ms ?? now_ms;
  const width_ms = Math.max(newest_ms - oldest_ms, 10 * interval_ms);
  const is_silent = now_ms - newest_ms > width_ms;
  const end_ms = is_silent ? newest_ms + width_ms / 50 : Math.max(now_ms, newest_ms);
  return { start_ms: Math.min(oldest_ms, newest_ms - width_ms), end_ms };
}

export function newestOf_ms({ points }: Recent): number {
  return points.at(-1)?.timestamp_ms ?? -Infinity;
}

/** From where on whole intervals can be made of these points. */
export function wholeFrom_ms({ from_ms }: Recent, interval_ms: number | null): number {
  return interval_ms === null ? from_ms : Math.ceil(from_ms / interval_ms) * interval_ms;
}

/** What the server would answer of these points, oldest first; see `aggregatePage`. */
export function aggregated(points: readonly Point[], interval_ms: number, aggregate: Aggregate): readonly Point[] {
  const groups = Map.groupBy(points, ({ timestamp_ms }) => Math.floor(timestamp_ms / interval_ms) * interval_ms);
  return [...groups].flatMap(([timestamp_ms, group]) => {
    const metrics = summary(group, aggregate);
    return Object.keys(metrics).length === 0 ? [] : [{ timestamp_ms, metrics }];
  });
}

function summary(points: readonly Point[], aggregate: Aggregate): Metrics {
  const entries = points.flatMap(({ metrics }) => Object.entries(metrics));
  if (aggregate === 'last') return Object.fromEntries(entries);
  const numbers = entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  const byName = Map.groupBy(numbers, ([name]) => name);
  return Object.fromEntries(
    [...byName].map(([name, of]) => [
      name,
      combined(
        of.map(([, value]) => value),
        aggregate,
      ),
    ]),
  );
}

function combined(values: readonly number[], aggregate: 'avg' | 'min' | 'max'): number {
  if (aggregate === 'avg') return values.reduce((sum, value) => sum + value, 0) / values.length;
  return aggregate === 'min' ? Math.min(...values) : Math.max(...values);
}

/** How often points are expected: as the device declared, or as they come; the server, too, takes a minute when nothing tells. */
export function reportInterval_ms({ points }: Recent, declared_ms: number | null): number {
  return declared_ms ?? usualSpacing_ms(points.map(({ timestamp_ms }) => timestamp_ms)) ?? MINUTE_MS;
}

/** How far apart points are at their densest, which decides how finely to ask. */
export function density_ms({ points }: Recent, expected_ms: number): number {
  return Math.min(expected_ms, usualSpacing_ms(points.map(({ timestamp_ms }) => timestamp_ms)) ?? Infinity);
}
