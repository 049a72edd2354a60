/** What one process, or several together, saw of Firestore in one minute: small, plain, and addable. */
import type { Concern } from '../model/flags.ts';

export interface ConcernCounters {
  /** Calls to Firestore, failed ones included. */
  readonly operations: number;
  readonly failures: number;
  /** Queries refused because their index was missing or being built. */
  readonly index_not_ready: number;
}

export interface MinuteCounters {
  /** The minute's start. */
  readonly minute_ms: number;
  readonly concerns: Readonly<Record<Concern, ConcernCounters>>;
  readonly tenant_leaks: number;
  /** When the last of them was seen; null without one. */
  readonly last_leak_ms: number | null;
  /** Documents read for dashboards. */
  readonly reads: number;
  /** Who asked: short digests of sessions, sorted, so that one dashboard on two processes counts once. */
  readonly dashboards: readonly string[];
  /** Answers to "last 100 points" that came from Firestore: how many took at most each bound, the rest in the last. */
  readonly last_hundred: readonly number[];
}

/** More than these are not told apart in one minute. */
export const MAX_DASHBOARDS = 1_000;

/** Upper bounds, inclusive. The service levels (300 and 800 ms) are among them, so that a breach is told exactly. */
export const LATENCY_BOUNDS_MS = [10, 25, 50, 100, 150, 200, 300, 400, 600, 800, 1_000, 1_500, 2_500, 5_000, 10_000];

export function noCounters(minute_ms: number): MinuteCounters {
  const none: ConcernCounters = { operations: 0, failures: 0, index_not_ready: 0 };
  return {
    minute_ms,
    concerns: { telemetry: none, audit: none, auth: none },
    tenant_leaks: 0,
    last_leak_ms: null,
    reads: 0,
    dashboards: [],
    last_hundred: new Array<number>(LATENCY_BOUNDS_MS.length + 1).fill(0),
  };
}

/** Both together, under the later of the two minutes: of two processes in one minute, or of several minutes. */
export function addCounters(a: MinuteCounters, b: MinuteCounters): MinuteCounters {
  const together = (concern: Concern): ConcernCounters => {
    const [one, other] = [a.concerns[concern], b.concerns[concern]];
    return {
      operations: one.operations + other.operations,
      failures: one.failures + other.failures,
      index_not_ready: one.index_not_ready + other.index_not_ready,
    };
  };
  return {
    minute_ms: Math.max(a.minute_ms, b.minute_ms),
    concerns: { telemetry: together('telemetry'), audit: together('audit'), auth: together('auth') },
    tenant_leaks: a.tenant_leaks + b.tenant_leaks,
    last_leak_ms: later(a.last_leak_ms, b.last_leak_ms),
    reads: a.reads + b.reads,
    dashboards: [...new Set([...a.dashboards, ...b.dashboards])].sort(),
    last_hundred: a.last_hundred.map((count, at) => count + (b.last_hundred[at] ?? 0)),
  };
}

function later(a_ms: number | null, b_ms: number | null): number | null {
  return a_ms === null || b_ms === null ? (a_ms ?? b_ms) : Math.max(a_ms, b_ms);
}

/** The place of a latency among the bounds. */
export function latencyBucket(latency_ms: number): number {
  const at = LATENCY_BOUNDS_MS.findIndex((bound_ms) => latency_ms <= bound_ms);
  return at < 0 ? LATENCY_BOUNDS_MS.length : at;
}

/** Adds one to those between the same bounds. */
export function countLatency(counts: number[], latency_ms: number): void {
  const bucket = latencyBucket(latency_ms);
  counts[bucket] = (counts[bucket] ?? 0) + 1;
}
