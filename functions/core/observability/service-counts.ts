/** What answers of every door came to in a span of time, whatever store they came from: small, plain, and addable. */
import * as z from 'zod';
import { LATENCY_BOUNDS_MS } from './minute-counters.ts';

export interface ServiceCounts {
  /** Answers, failed ones included. */
  readonly requests: number;
  /** Of them, those with a 5xx status. */
  readonly failures: number;
  /** Documents read for dashboards. */
  readonly reads: number;
  /** In how many minutes dashboards asked, summed over dashboards: reads by it are reads a minute and dashboard. */
  readonly dashboard_minutes: number;
  /** Successful answers to "last 100 points": how many took at most each of `LATENCY_BOUNDS_MS`, the rest in the last. */
  readonly last_hundred: readonly number[];
}

export interface ServiceSpan extends ServiceCounts {
  readonly start_ms: number;
  readonly span_ms: number;
}

const Count = z.int().nonnegative();
/** The histogram as a store gives it back. */
export const StoredLatencies = z.array(Count).length(LATENCY_BOUNDS_MS.length + 1);

export const NOTHING_SERVED: ServiceCounts = {
  requests: 0,
  failures: 0,
  reads: 0,
  dashboard_minutes: 0,
  last_hundred: new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0),
};

/** Both together: of two processes, or of several spans. */
export function addServed(a: ServiceCounts, b: ServiceCounts): ServiceCounts {
  return {
    requests: a.requests + b.requests,
    failures: a.failures + b.failures,
    reads: a.reads + b.reads,
    dashboard_minutes: a.dashboard_minutes + b.dashboard_minutes,
    last_hundred: a.last_hundred.map((count, at) => count + (b.last_hundred[at] ?? 0)),
  };
}
