/** What the service promises, and whether it was kept. */
import { DASHBOARD_READS_PER_MINUTE } from '../budgets/dashboard-reads.ts';
import { MINUTE_MS } from '../clock.ts';
import { quantile, type Histogram } from './histogram.ts';

export const SERVICE_LEVELS = {
  /** Of successful answers to "last 100 points". */
  p50_ms: 300,
  p95_ms: 800,
  /** The share of answers that are no 5xx. */
  availability: 0.995,
  /** Documents read for one dashboard in a minute. */
  reads: DASHBOARD_READS_PER_MINUTE,
} as const;

export type LevelName = keyof typeof SERVICE_LEVELS;

/** What was counted in a span of time, wherever that was. */
export interface Measured {
  readonly span_ms: number;
  readonly requests: number;
  /** Of them, those with a 5xx status. */
  readonly failures: number;
  /** Of successful answers to "last 100 points", in ms. */
  readonly latencies: Histogram;
  readonly reads: number;
  /** In how many minutes dashboards asked, summed over dashboards; null where nobody counted them. */
  readonly dashboard_minutes: number | null;
}

export interface Level {
  readonly name: LevelName;
  /** Null without anything to measure by. */
  readonly measured: number | null;
  readonly promised: number;
  /** True where nothing was measured: nobody who asked was let down. */
  readonly kept: boolean;
}

export interface Judged {
  readonly requests: number;
  readonly failures: number;
  /** Answers that the latencies are of. */
  readonly timed: number;
  readonly reads_per_minute: number;
  readonly levels: Readonly<Record<LevelName, Level>>;
  readonly breached: readonly LevelName[];
}

export function judge(measured: Measured): Judged {
  const { span_ms, requests, failures, latencies, reads, dashboard_minutes } = measured;
  const availability = requests === 0 ? null : 1 - failures / requests;
  const levels = {
    p50_ms: atMost('p50_ms', quantile(latencies, 0.5)),
    p95_ms: atMost('p95_ms', quantile(latencies, 0.95)),
    availability: level('availability', availability, failures <= requests * failuresAllowed),
    reads: atMost('reads', dashboard_minutes === null || dashboard_minutes === 0 ? null : reads / dashboard_minutes),
  };
  return {
    requests,
    failures,
    timed: latencies.counts.reduce((sum, count) => sum + count, 0),
    reads_per_minute: span_ms === 0 ? 0 : (reads * MINUTE_MS) / span_ms,
    levels,
    breached: Object.values(levels).flatMap(({ name, kept }) => (kept ? [] : [name])),
  };
}

/** As a share of all answers. Rounded, because 1 - 0.995 is a little more than 0.005. */
export const failuresAllowed = Math.round((1 - SERVICE_LEVELS.availability) * 1e6) / 1e6;

function atMost(name: LevelName, measured: number | null): Level {
  return level(name, measured, measured === null || measured <= SERVICE_LEVELS[name]);
}

function level(name: LevelName, measured: number | null, kept: boolean): Level {
  return { name, measured, promised: SERVICE_LEVELS[name], kept };
}
