import * as z from 'zod';
import { Problem } from '../errors.ts';
import { canonicalMetrics, parseMetrics, type MetricValue, type Point } from '../model/point.ts';
import { MAX_SCANNED_POINTS, pageEnd_ms, walk, type Cut, type Page, type PageOptions } from './collect.ts';

export const Aggregate = z.enum(['avg', 'min', 'max', 'sum', 'count', 'first', 'last']);
export type Aggregate = z.infer<typeof Aggregate>;

/** Running values of one metric in one interval, fed newest first. */
interface Tally {
  count: number;
  numbers: number;
  sum: number;
  min: number;
  max: number;
  /** Earliest in time: the one fed last. */
  first: MetricValue;
  /** Latest in time: the one fed first. */
  readonly last: MetricValue;
}

export interface AggregateOptions extends PageOptions {
  readonly interval_ms: number;
  readonly aggregate: Aggregate;
}

/**
 * Aggregates points into intervals aligned to the epoch, newest first; `timestamp_ms` of a result is the interval's
 * start. Values that are not numbers take part in count, first and last only; intervals without a value are left out.
 * A page that has looked at all it may ends with its last whole interval; without even one, the question is refused.
 */
export async function aggregatePage(
  chunks: AsyncIterable<readonly Point[]>,
  { interval_ms, aggregate, limit, names, turn, cut }: AggregateOptions,
): Promise<Page> {
  const points: Point[] = [];
  let next_before_ms: number | null = null;
  let open: { start_ms: number; tallies: Map<string, Tally> } | undefined;
  /** The last interval that is whole. */
  let whole_ms: number | null = null;
  let scanned = 0;
  const close = (): void => {
    if (open === undefined) return;
    const result = summarise(open.tallies, aggregate);
    if (result !== null) points.push({ timestamp_ms: open.start_ms, metrics: result });
    whole_ms = open.start_ms;
    open = undefined;
  };
  await walk(chunks, turn, (point) => {
    const start_ms = Math.floor(point.timestamp_ms / interval_ms) * interval_ms;
    if (open?.start_ms !== start_ms) close();
    if (scanned >= MAX_SCANNED_POINTS || points.length === limit) {
      next_before_ms = whole_ms ?? tooMuchInOne();
      open = undefined;
      return false;
    }
    open ??= { start_ms, tallies: new Map() };
    scanned += 1;
    feed(open.tallies, point, names);
    return true;
  });
  if (isWhole(open, cut)) close();
  return { points, next_before_ms: pageEnd_ms(next_before_ms, cut) };
}

/** An interval that the cut goes through is left to the next page. */
function isWhole(interval: { readonly start_ms: number } | undefined, cut: Cut | undefined): boolean {
  return (interval?.start_ms ?? Infinity) >= (cut?.below_ms ?? -Infinity);
}

function tooMuchInOne(): never {
  const most = MAX_SCANNED_POINTS.toLocaleString('en');
  throw new Problem(
    'malformed_request',
    `interval_ms: one holds more than ${most} points; choose a shorter interval_ms.`,
  );
}

function feed(tallies: Map<string, Tally>, point: Point, names: readonly string[] | undefined): void {
  for (const [name, value] of Object.entries(parseMetrics(point.metrics))) {
    if (names !== undefined && !names.includes(name)) continue;
    let tally = tallies.get(name);
    if (tally === undefined) {
      tally = { count: 0, numbers: 0, sum: 0, min: Infinity, max: -Infinity, first: value, last: value };
      tallies.set(name, tally);
    }
    tally.count += 1;
    tally.first = value;
    if (typeof value !== 'number') continue;
    tally.numbers += 1;
    tally.sum += value;
    tally.min = Math.min(tally.min, value);
    tally.max = Math.max(tally.max, value);
  }
}

function summarise(tallies: ReadonlyMap<string, Tally>, aggregate: Aggregate): string | null {
  const metrics: Record<string, MetricValue> = {};
  for (const [name, tally] of tallies) {
    const value = valueOf(tally, aggregate);
    if (value !== null) metrics[name] = value;
  }
  return Object.keys(metrics).length === 0 ? null : canonicalMetrics(metrics);
}

function valueOf(tally: Tally, aggregate: Aggregate): MetricValue | null {
  switch (aggregate) {
    case 'count':
    case 'first':
    case 'last':
      return tally[aggregate];
    case 'avg':
      return tally.numbers === 0 ? null : finite(tally.sum / tally.numbers);
    case 'min':
    case 'max':
    case 'sum':
      return tally.numbers === 0 ? null : finite(tally[aggregate]);
  }
}

/** A sum of huge values may overflow; JSON has no infinity, so such a result is left out rather than falsified. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
