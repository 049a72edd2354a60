import { DAY_MS } from '@bas/core/clock';
import { judge, type Measured } from '@bas/core/observability/service-levels';
import type { Week } from './report.ts';
import type { Source } from './source.ts';

const DAYS = 7;

/** The seven days before this one, and this one so far. */
export async function measureWeek(source: Source, now_ms: number): Promise<Week> {
  const midnight_ms = now_ms - (now_ms % DAY_MS);
  const from_ms = midnight_ms - DAYS * DAY_MS;
  const measured = await source.measure({ from_ms, to_ms: midnight_ms, step_ms: DAY_MS });
  const started = now_ms > midnight_ms;
  const [sofar] = started
    ? await source.measure({ from_ms: midnight_ms, to_ms: now_ms, step_ms: now_ms - midnight_ms })
    : [];
  return {
    source: source.name,
    days: measured.map((day, at) => ({ start_ms: from_ms + at * DAY_MS, judged: judge(day) })),
    whole: judge(measured.reduce(together)),
    today: sofar === undefined ? null : { start_ms: midnight_ms, judged: judge(sofar) },
  };
}

/** Both of one source, so between the same bounds where there are any. */
function together(a: Measured, b: Measured): Measured {
  const bounds = a.latencies.bounds.length > 0 ? a.latencies.bounds : b.latencies.bounds;
  const counts = Array.from(
    { length: bounds.length + 1 },
    (_, at) => (a.latencies.counts[at] ?? 0) + (b.latencies.counts[at] ?? 0),
  );
  return {
    span_ms: a.span_ms + b.span_ms,
    requests: a.requests + b.requests,
    failures: a.failures + b.failures,
    latencies: { bounds, counts },
    reads: a.reads + b.reads,
    dashboard_minutes:
      a.dashboard_minutes === null || b.dashboard_minutes === null ? null : a.dashboard_minutes + b.dashboard_minutes,
  };
}
