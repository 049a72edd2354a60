/** The names of the metrics that `infra/log-metrics.json` has Cloud Logging count from our own lines. */
import doors from '../../../infra/doors.json' with { type: 'json' };
import declared from '../../../infra/log-metrics.json' with { type: 'json' };

export type LogMetric = 'bas_requests' | 'bas_failures' | 'bas_tenant_leaks' | 'bas_last_100_ms' | 'bas_reads';

const FUNCTIONS = 'resource.type="cloud_run_revision"';

/** A filter for its time series, with these labels. Throws for one that the file does not declare. */
export function logMetricFilter(metric: LogMetric, labels: Readonly<Record<string, string>> = {}): string {
  const known = declared.find(({ name }) => name === metric)?.metricDescriptor.labels.map(({ key }) => key);
  const wanted = Object.entries(labels).map(([key, value]) => {
    if (known?.includes(key) !== true) throw new TypeError(`infra/log-metrics.json declares no ${metric}.${key}`);
    return `metric.labels.${key}="${value}"`;
  });
  return [FUNCTIONS, `metric.type="logging.googleapis.com/user/${metric}"`, ...wanted].join(' AND ');
}

/** The Cloud Run services that answer people and devices: what the scheduler calls is nobody's request. */
export const DOOR_SERVICES = `one_of(${doors.map((name) => `"${name}"`).join(',')})`;

/** Cloud Run's own count of answers: it also knows of instances that ended before they could log. */
export const ANSWERS_FILTER = `${FUNCTIONS} AND metric.type="run.googleapis.com/request_count" AND resource.labels.service_name=${DOOR_SERVICES}`;
