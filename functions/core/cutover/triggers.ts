/** When a move rolls back by itself: the plan's five triggers, judged from counters alone. */
import * as z from 'zod';
import { MINUTE_MS } from '../clock.ts';
import { CONCERNS, type Concern } from '../model/flags.ts';
import { quantile } from '../observability/histogram.ts';
import {
  addCounters,
  LATENCY_BOUNDS_MS,
  MAX_DASHBOARDS,
  noCounters,
  type MinuteCounters,
} from '../observability/minute-counters.ts';
import { SERVICE_LEVELS } from '../observability/service-levels.ts';

export type Trigger = 'error_rate' | 'index_unusable' | 'tenant_leak' | 'budget' | 'slo';

export interface FiredTrigger {
  readonly trigger: Trigger;
  /** What is to go back, in the order in which it should. */
  readonly concerns: readonly Concern[];
  /** `dual` turns only reads: telemetry is delivered on. */
  readonly to: 'sqlite' | 'dual';
  /** One line with figures, for the audit log. */
  readonly saw: string;
}

export const TRIGGER_RULES = {
  /** Error rate and budget look at so many minutes, the current one included. */
  window_minutes: 5,
  error_share: 0.02,
  /** With fewer operations in the window one failure would be a rate. */
  min_operations: 50,
  /** Consecutive minutes with a query that found its index not ready. */
  index_minutes: 2,
  reads_per_minute_and_dashboard: SERVICE_LEVELS.reads,
  p50_ms: SERVICE_LEVELS.p50_ms,
  p95_ms: SERVICE_LEVELS.p95_ms,
  /** Whole minutes with answers, all of them in breach; minutes without one prove nothing and are passed over. */
  slo_minutes: 15,
  /** How far back those may lie. */
  slo_lookback_minutes: 30,
} as const;

/** How many minutes of counters `firedTriggers` looks at. */
export const TRIGGER_LOOKBACK_MS = (TRIGGER_RULES.slo_lookback_minutes + 1) * MINUTE_MS;

const Count = z.int().nonnegative();
const ConcernCount = z.object({ operations: Count, failures: Count, index_not_ready: Count });

/** Counters as a store gives them back. */
export const StoredCounters: z.ZodType<MinuteCounters> = z.object({
  minute_ms: z.int(),
  concerns: z.object({ telemetry: ConcernCount, audit: ConcernCount, auth: ConcernCount }),
  tenant_leaks: Count,
  // Another release of this file's may not have written it.
  last_leak_ms: z.int().nullable().default(null),
  reads: Count,
  dashboards: z.array(z.string()),
  last_hundred: z.array(Count).length(LATENCY_BOUNDS_MS.length + 1),
});

/** The triggers that fire at `now_ms`, the gravest first. Several processes may have counted the same minute. */
export function firedTriggers(counted: readonly MinuteCounters[], now_ms: number): readonly FiredTrigger[] {
  const minutes = byMinute(counted);
  const start_ms = now_ms - (now_ms % MINUTE_MS) - (TRIGGER_RULES.window_minutes - 1) * MINUTE_MS;
  const recent = minutes.filter(({ minute_ms }) => minute_ms >= start_ms);
  const window = recent.reduce(addCounters, noCounters(start_ms));
  return [
    tenantLeak(minutes),
    ...CONCERNS.map((concern) => indexUnusable(recent, concern)),
    ...CONCERNS.map((concern) => errorRate(window, concern)),
    budget(window),
    slo(minutes, now_ms),
  ].filter((fired) => fired !== null);
}

/**
 * What counts since a move: what made one rollback must not make the next. The minute of the move holds what came before it
 * as well, so it is left out whole, but for a leak, whose time is known: none is passed over.
 */
export function countedSince(counted: readonly MinuteCounters[], moved_ms: number): readonly MinuteCounters[] {
  return counted.flatMap((minute) => {
    const { minute_ms, tenant_leaks, last_leak_ms } = minute;
    if (minute_ms >= moved_ms) return [minute];
    if (last_leak_ms === null || last_leak_ms <= moved_ms) return [];
    return [{ ...noCounters(minute_ms), tenant_leaks, last_leak_ms }];
  });
}

/** One entry a minute, oldest first. */
function byMinute(counted: readonly MinuteCounters[]): readonly MinuteCounters[] {
  const minutes = new Map<number, MinuteCounters>();
  for (const one of counted) {
    const known = minutes.get(one.minute_ms);
    minutes.set(one.minute_ms, known === undefined ? one : addCounters(known, one));
  }
  return [...minutes.values()].sort((a, b) => a.minute_ms - b.minute_ms);
}

/** Nothing is trusted after the first: everything goes back, what moved last first. */
function tenantLeak(minutes: readonly MinuteCounters[]): FiredTrigger | null {
  const leaks = minutes.reduce((sum, { tenant_leaks }) => sum + tenant_leaks, 0);
  if (leaks === 0) return null;
  const saw = `Firestore gave ${counting(leaks, 'document')} of another tenant than the one asked for`;
  return { trigger: 'tenant_leak', concerns: CONCERNS.toReversed(), to: 'sqlite', saw };
}

function indexUnusable(recent: readonly MinuteCounters[], concern: Concern): FiredTrigger | null {
  const refused = recent.filter(({ concerns }) => concerns[concern].index_not_ready > 0);
  let run: MinuteCounters[] = [];
  for (const minute of refused) {
    run = minute.minute_ms - (run.at(-1)?.minute_ms ?? 0) === MINUTE_MS ? [...run, minute] : [minute];
    if (run.length >= TRIGGER_RULES.index_minutes) break;
  }
  if (run.length < TRIGGER_RULES.index_minutes) return null;
  const queries = run.reduce((sum, { concerns }) => sum + concerns[concern].index_not_ready, 0);
  const saw = `${concern}: ${counting(queries, 'query', 'queries')} in ${run.length} consecutive minutes found no index`;
  return { trigger: 'index_unusable', concerns: [concern], to: 'sqlite', saw };
}

function errorRate({ concerns }: MinuteCounters, concern: Concern): FiredTrigger | null {
  const { window_minutes, error_share, min_operations } = TRIGGER_RULES;
  const { operations, failures } = concerns[concern];
  if (operations < min_operations || failures <= operations * error_share) return null;
  const percent = ((failures / operations) * 100).toFixed(1);
  const saw =
    `${concern}: ${failures} of ${operations} Firestore operations failed in ${window_minutes} minutes ` +
    `(${percent} %, limit ${error_share * 100} %)`;
  return { trigger: 'error_rate', concerns: [concern], to: 'sqlite', saw };
}

/** Spread over the whole window, so that a page that has just been opened may read more at first. */
function budget({ reads, dashboards }: MinuteCounters): FiredTrigger | null {
  const { window_minutes, reads_per_minute_and_dashboard: limit } = TRIGGER_RULES;
  const active = dashboards.length;
  // Beyond that they were not all counted, and each would seem to read more than it did.
  if (active === 0 || active >= MAX_DASHBOARDS) return null;
  const each = reads / active / window_minutes;
  if (each <= limit) return null;
  const saw =
    `${reads} documents read for ${counting(active, 'dashboard')} in ${window_minutes} minutes ` +
    `(${each.toFixed(1)} per minute and dashboard, limit ${limit})`;
  return { trigger: 'budget', concerns: ['telemetry'], to: 'sqlite', saw };
}

function slo(minutes: readonly MinuteCounters[], now_ms: number): FiredTrigger | null {
  const { p50_ms, p95_ms, slo_minutes, slo_lookback_minutes } = TRIGGER_RULES;
  const judged = minutes
    .filter(({ minute_ms }) => minute_ms + MINUTE_MS <= now_ms)
    .filter(({ minute_ms }) => minute_ms >= now_ms - (slo_lookback_minutes + 1) * MINUTE_MS)
    .flatMap(({ last_hundred }) => quantilesOf(last_hundred))
    .slice(-slo_minutes);
  const breached = judged.filter(({ p50, p95 }) => p50 > p50_ms || p95 > p95_ms);
  const last = breached.at(-1);
  if (last === undefined || breached.length < slo_minutes) return null;
  const saw =
    `"last 100" was over P50 ${p50_ms} ms or P95 ${p95_ms} ms in each of ${slo_minutes} minutes; ` +
    `in the last one P50 was ${told(last.p50)} and P95 ${told(last.p95)}`;
  return { trigger: 'slo', concerns: ['telemetry'], to: 'dual', saw };
}

/** None of a minute without an answer. */
function quantilesOf(counts: readonly number[]): { p50: number; p95: number }[] {
  const [p50, p95] = [0.5, 0.95].map((share) => quantile({ bounds: LATENCY_BOUNDS_MS, counts }, share));
  return typeof p50 === 'number' && typeof p95 === 'number' ? [{ p50, p95 }] : [];
}

/** Beyond the last bound nothing is known. */
function told(quantile_ms: number): string {
  return `${Math.ceil(quantile_ms)} ms${LATENCY_BOUNDS_MS.at(-1) === quantile_ms ? ' or more' : ''}`;
}

function counting(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}
