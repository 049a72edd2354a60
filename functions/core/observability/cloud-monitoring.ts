/** Time series of Cloud Monitoring, with the Application Default Credentials. Loaded only by whoever asks for them. */
import { MetricServiceClient } from '@google-cloud/monitoring';
import * as z from 'zod';
import { SECOND_MS } from '../clock.ts';
import { withDeadline } from '../resilience/deadline.ts';
import { Distribution, histogramOf } from './distribution.ts';
import type { Histogram } from './histogram.ts';
import { monitoringFailure } from './monitoring-failure.ts';

export interface SeriesQuery {
  readonly filter: string;
  readonly from_ms: number;
  readonly to_ms: number;
  /** A minute at least; counted back from `to_ms`. */
  readonly step_ms: number;
  /** Labels of the metric to tell apart; over all others it is summed. */
  readonly by?: readonly string[];
}

/** What was counted in one step under one set of labels. */
export interface SeriesPoint {
  readonly labels: Readonly<Record<string, string>>;
  readonly start_ms: number;
  /** The number, or the sum of what a distribution is of. */
  readonly total: number;
  /** Of a distribution; else empty. */
  readonly histogram: Histogram;
}

export interface Monitoring {
  /** Throws a `SetupError` that says what to do when there is no answer. */
  series(query: SeriesQuery): Promise<readonly SeriesPoint[]>;
  close(): Promise<void>;
}

export interface MonitoringOptions {
  readonly project_id: string;
  /** Another door, as `host:port`. */
  readonly endpoint?: string | undefined;
  readonly limit_ms?: number;
}

const LIMIT_MS = 10 * SECOND_MS;

export async function openMonitoring({
  project_id,
  endpoint,
  limit_ms = LIMIT_MS,
}: MonitoringOptions): Promise<Monitoring> {
  const [apiEndpoint, port] = endpoint?.split(':') ?? [];
  const elsewhere = apiEndpoint === undefined ? {} : { apiEndpoint, port: Number(port) };
  const client = new MetricServiceClient({ projectId: project_id, universeDomain: 'googleapis.com', ...elsewhere });
  const bounded = <T>(work: Promise<T>): Promise<T> => told(withDeadline(work, limit_ms, tooLate), project_id);
  // Waited for: when its calls start it themselves and there are no credentials, the client ends the process.
  await bounded(client.initialize());
  // Whoever asks does so again by itself: a retry here would only hide what is wrong.
  const call = { timeout: limit_ms, retry: null };
  return {
    series: (query) =>
      bounded(client.listTimeSeries(requestOf(project_id, query), call).then(([series]) => pointsOf(series, query))),
    close: () => client.close(),
  };
}

function requestOf(project_id: string, { filter, from_ms, to_ms, step_ms, by = [] }: SeriesQuery) {
  return {
    name: `projects/${project_id}`,
    filter,
    interval: { startTime: { seconds: from_ms / SECOND_MS }, endTime: { seconds: to_ms / SECOND_MS } },
    aggregation: {
      alignmentPeriod: { seconds: step_ms / SECOND_MS },
      perSeriesAligner: 'ALIGN_DELTA' as const,
      crossSeriesReducer: 'REDUCE_SUM' as const,
      groupByFields: by.map((label) => `metric.label.${label}`),
    },
    view: 'FULL' as const,
  };
}

const Point = z.object({
  interval: z.object({ endTime: z.object({ seconds: z.coerce.number() }) }),
  value: z.object({
    int64Value: z.coerce.number().optional(),
    doubleValue: z.number().optional(),
    distributionValue: Distribution.optional(),
  }),
});
const Series = z.array(
  z.object({
    metric: z.object({ labels: z.record(z.string(), z.string()).nullish() }).nullish(),
    points: z.array(Point),
  }),
);

function pointsOf(answer: unknown, { step_ms }: SeriesQuery): SeriesPoint[] {
  return Series.parse(answer).flatMap(({ metric, points }) =>
    points.map(({ interval, value }) => {
      const { distributionValue: spread } = value;
      return {
        labels: metric?.labels ?? {},
        start_ms: interval.endTime.seconds * SECOND_MS - step_ms,
        total: spread === undefined ? (value.int64Value ?? value.doubleValue ?? 0) : spread.mean * spread.count,
        histogram: spread === undefined ? { bounds: [], counts: [0] } : histogramOf(spread),
      };
    }),
  );
}

async function told<T>(work: Promise<T>, project_id: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw monitoringFailure(error, project_id);
  }
}

/** The start of a client without a network does not run out of time by itself. */
function tooLate(): Error {
  return new Error('DEADLINE_EXCEEDED');
}
