/** What all instances together answered, minute by minute, as Cloud Monitoring tells it and the triggers judge it. */
import { MINUTE_MS, SECOND_MS } from '../clock.ts';
import type { Concern } from '../model/flags.ts';
import type { Monitoring, SeriesPoint } from '../observability/cloud-monitoring.ts';
import { rebucketed } from '../observability/histogram.ts';
import { logMetricFilter } from '../observability/log-metrics.ts';
import { addCounters, LATENCY_BOUNDS_MS, noCounters, type MinuteCounters } from '../observability/minute-counters.ts';

/** What is asked of a store, by the first word of an action such as `telemetry.recent.get`. */
export const CONCERN_OF: Readonly<Record<string, Concern>> = {
  telemetry: 'telemetry',
  audit: 'audit',
  login: 'auth',
  logout: 'auth',
  session: 'auth',
  account: 'auth',
  users: 'auth',
  devices: 'auth',
};

/**
 * The counters of each whole minute since then. How many dashboards asked is not known centrally, so the read budget is
 * left to each instance's own counters.
 */
export async function cloudMinutes(
  monitoring: Monitoring,
  since_ms: number,
  now_ms: number,
): Promise<MinuteCounters[]> {
  const [from_ms, to_ms] = [minuteOf(since_ms), minuteOf(now_ms)];
  const ask = (filter: string, by: readonly string[]) =>
    monitoring.series({ filter, from_ms, to_ms, step_ms: MINUTE_MS, by });
  const [requests, unindexed, leaks, latencies] = await Promise.all([
    ask(logMetricFilter('bas_requests'), ['action', 'outcome']),
    ask(logMetricFilter('bas_failures', { code: 'index_not_ready' }), ['action']),
    ask(logMetricFilter('bas_tenant_leaks'), []),
    ask(logMetricFilter('bas_last_100_ms'), []),
  ]);
  const counted = [
    ...requests.map(operations),
    ...unindexed.map(indexNotReady),
    ...leaks.map(tenantLeaks),
    ...latencies.map(lastHundred),
  ];
  const minutes = Map.groupBy(counted, ({ minute_ms }) => minute_ms);
  return [...minutes].map(([minute_ms, parts]) => parts.reduce(addCounters, noCounters(minute_ms)));
}

function operations({ labels, start_ms, total }: SeriesPoint): MinuteCounters {
  const failures = labels['outcome'] === 'failure' ? total : 0;
  return ofConcern(start_ms, labels['action'], { operations: total, failures, index_not_ready: 0 });
}

function indexNotReady({ labels, start_ms, total }: SeriesPoint): MinuteCounters {
  return ofConcern(start_ms, labels['action'], { operations: 0, failures: 0, index_not_ready: total });
}

function ofConcern(minute_ms: number, action: string | undefined, counts: MinuteCounters['concerns'][Concern]) {
  const none = noCounters(minute_ms);
  const concern = CONCERN_OF[action?.split('.')[0] ?? ''];
  return concern === undefined ? none : { ...none, concerns: { ...none.concerns, [concern]: counts } };
}

function tenantLeaks({ start_ms, total }: SeriesPoint): MinuteCounters {
  const last_leak_ms = total > 0 ? start_ms + MINUTE_MS - SECOND_MS : null;
  return { ...noCounters(start_ms), tenant_leaks: total, last_leak_ms };
}

function lastHundred({ start_ms, histogram }: SeriesPoint): MinuteCounters {
  return { ...noCounters(start_ms), last_hundred: rebucketed(histogram, LATENCY_BOUNDS_MS) };
}

function minuteOf(time_ms: number): number {
  return time_ms - (time_ms % MINUTE_MS);
}
