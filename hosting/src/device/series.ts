/** Points as lines: which metrics there are, and their values at common times with a break where some are missing. */
import type { Metrics, Point } from '../api/answers.ts';

export type Kind = 'number' | 'boolean' | 'text';

export interface Metric {
  readonly name: string;
  readonly kind: Kind;
  /** By which it keeps its colour: whoever comes later does not take it. */
  readonly place: number;
}

const collator = new Intl.Collator('en', { numeric: true });

/** The `known` metrics and those of the points, by name; the newest value says what a metric is. */
export function withMetricsOf(points: readonly Point[], known: readonly Metric[] = []): readonly Metric[] {
  const kinds = new Map<string, Kind>(known.map(({ name, kind }) => [name, kind]));
  for (const { metrics } of points) for (const [name, value] of Object.entries(metrics)) kinds.set(name, kindOf(value));
  const byName = (a: string, b: string) => collator.compare(a, b);
  const places = new Map(known.map(({ name, place }) => [name, place]));
  for (const name of [...kinds.keys()].sort(byName)) if (!places.has(name)) places.set(name, places.size);
  return [...kinds]
    .map(([name, kind]) => ({ name, kind, place: places.get(name) ?? 0 }))
    .sort((a, b) => byName(a.name, b.name));
}

function kindOf(value: number | boolean | string): Kind {
  return typeof value === 'string' ? 'text' : typeof value === 'boolean' ? 'boolean' : 'number';
}

/** `undefined` where a metric has no value but its line goes on, `null` where the line is broken. */
export type Values = (number | null | undefined)[];

export interface Lines {
  readonly times_ms: number[];
  /** In the order of the names. */
  readonly values: Values[];
}

/** A line is broken between values that are further apart than `gap_ms`, or than its own metric comes, when that is seldom. */
export function linesOf(points: readonly Point[], names: readonly string[], gap_ms: number): Lines {
  const columns = names.map((name) => columnOf(points, name, gap_ms));
  const times_ms = [...new Set(columns.flatMap((column) => column.times_ms))].sort((a, b) => a - b);
  return { times_ms, values: columns.map((column) => valuesAt(times_ms, column)) };
}

interface Column {
  readonly values: ReadonlyMap<number, number>;
  readonly gaps: readonly Gap[];
  /** Those of the values, and one inside each gap. */
  readonly times_ms: readonly number[];
}

/** Nothing is known between the two, neither of which is in it. */
interface Gap {
  readonly after_ms: number;
  readonly before_ms: number;
}

function columnOf(points: readonly Point[], name: string, gap_ms: number): Column {
  const values = new Map<number, number>();
  for (const { timestamp_ms, metrics } of points) {
    const value = Object.hasOwn(metrics, name) ? metrics[name] : undefined;
    if (value !== undefined && typeof value !== 'string') values.set(timestamp_ms, Number(value));
  }
  const times_ms = [...values.keys()];
  const steps = times_ms
    .slice(1)
    .map((time_ms, at): Gap => ({ after_ms: times_ms[at] ?? time_ms, before_ms: time_ms }));
  const most_ms = Math.max(gap_ms, GAP_OF_AGGREGATES * usualStep_ms(steps));
  const gaps = steps.filter((step) => widthOf(step) > most_ms);
  return { values, gaps, times_ms: [...times_ms, ...gaps.map(({ after_ms }) => after_ms + 1)] };
}

/** Too few values have none. */
function usualStep_ms(steps: readonly Gap[]): number {
  if (steps.length < FEWEST_STEPS) return 0;
  return steps.map(widthOf).sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
}

function widthOf({ after_ms, before_ms }: Gap): number {
  return before_ms - after_ms;
}

function valuesAt(times_ms: readonly number[], { values, gaps }: Column): Values {
  let at = 0;
  return times_ms.map((time_ms) => {
    while (time_ms >= (gaps[at]?.before_ms ?? Infinity)) at += 1;
    const is_inside = time_ms > (gaps[at]?.after_ms ?? Infinity);
    return values.get(time_ms) ?? (is_inside ? null : undefined);
  });
}

/** With fewer the usual distance of a metric's values cannot be told. */
const FEWEST_STEPS = 4;
/** Missing intervals that make a gap, of points and of aggregates. */
const GAP_OF_POINTS = 2.5;
const GAP_OF_AGGREGATES = 1.5;

export function gap_ms(expected_interval_ms: number, interval_ms: number | null): number {
  return Math.max(GAP_OF_POINTS * expected_interval_ms, GAP_OF_AGGREGATES * (interval_ms ?? 0));
}

export interface Reading {
  /** Of the nearest point. */
  readonly timestamp_ms: number;
  readonly metrics: Metrics;
}

/** The value of each metric nearest to `time_ms`, unless that is further away than `within_ms`. */
export function readingAt(points: readonly Point[], time_ms: number, within_ms: number): Reading | null {
  const distance = ({ timestamp_ms }: Point): number => Math.abs(timestamp_ms - time_ms);
  const near = points.filter((point) => distance(point) <= within_ms).sort((a, b) => distance(b) - distance(a));
  const nearest = near.at(-1);
  if (nearest === undefined) return null;
  // The nearest comes last and wins.
  const metrics: Metrics = Object.fromEntries(near.flatMap((point) => Object.entries(point.metrics)));
  return { timestamp_ms: nearest.timestamp_ms, metrics };
}
