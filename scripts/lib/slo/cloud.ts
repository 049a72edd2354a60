import { MINUTE_MS } from '@bas/core/clock';
import type { SeriesPoint } from '@bas/core/observability/cloud-monitoring';
import { ANSWERS_FILTER, logMetricFilter } from '@bas/core/observability/log-metrics';
import type { Measured } from '@bas/core/observability/service-levels';
import { stepsOf, type Source, type Stretch } from './source.ts';

const OF_DASHBOARDS = /^telemetry\.\w+\.get$/;

/** What Cloud Monitoring knows of the functions of a project. */
export async function openCloud(project_id: string, endpoint: string | undefined): Promise<Source> {
  // Only now, because it loads a client that nothing else here needs.
  const { openMonitoring } = await import('@bas/core/observability/cloud-monitoring');
  const monitoring = await openMonitoring({ project_id, endpoint });
  return {
    name: `Cloud Monitoring of ${project_id}`,
    close: () => monitoring.close(),
    measure: async (asked) => {
      const stretch = wholeMinutes(asked);
      if (stretch.to_ms <= stretch.from_ms) return [];
      const ask = (filter: string, by: readonly string[]) => monitoring.series({ ...stretch, filter, by });
      const [answers, latencies, reads] = await Promise.all([
        ask(ANSWERS_FILTER, ['response_code_class']),
        ask(logMetricFilter('bas_last_100_ms'), []),
        ask(logMetricFilter('bas_reads'), ['action']),
      ]);
      return stepsOf(stretch).map((start_ms): Measured => {
        const at = (points: readonly SeriesPoint[]) => points.filter((point) => point.start_ms === start_ms);
        return {
          span_ms: stretch.step_ms,
          requests: sum(at(answers)),
          failures: sum(at(answers).filter(({ labels }) => labels['response_code_class'] === '5xx')),
          latencies: at(latencies)[0]?.histogram ?? { bounds: [], counts: [0] },
          reads: sum(at(reads).filter(({ labels }) => OF_DASHBOARDS.test(labels['action'] ?? ''))),
          dashboard_minutes: null,
        };
      });
    },
  };
}

/** It counts in whole minutes; of a stretch of one step, the minute that is not over is left out. */
function wholeMinutes({ from_ms, to_ms, step_ms }: Stretch): Stretch {
  const end_ms = to_ms - (to_ms % MINUTE_MS);
  const one = step_ms === to_ms - from_ms;
  return { from_ms, to_ms: end_ms, step_ms: one ? Math.max(MINUTE_MS, end_ms - from_ms) : step_ms };
}

function sum(points: readonly SeriesPoint[]): number {
  return points.reduce((all, { total }) => all + total, 0);
}
