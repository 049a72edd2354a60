/** Cloud Monitoring as a client meets it: it aligns and sums what a test says was measured, and refuses wrong questions. */
import monitoring from '@google-cloud/monitoring';
import { status, type sendUnaryData, type ServerUnaryCall, type StatusObject } from '@grpc/grpc-js';
import { GoogleApi } from './google-api.ts';
import { Asked, boundsOf, clausesOf, METRICS, wrongWith, type Buckets } from './monitoring-rules.ts';

const { ListTimeSeriesRequest, ListTimeSeriesResponse } = monitoring.protos.google.monitoring.v3;

/** "After sampling, data is not visible for up to 240 seconds", Google says of its metrics. */
export const HIDDEN_MS = 240_000;

/** One measurement: a count, or the values of a distribution. */
export interface Sample {
  /** Metric type, such as `run.googleapis.com/request_count`. */
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The Cloud Run service that it is of; one of a door when left out. */
  readonly service?: string;
  readonly at_ms: number;
  readonly value: number | readonly number[];
}

export class CloudMonitoring {
  samples: readonly Sample[] = [];
  /** Answered instead, when set. */
  failure: Pick<StatusObject, 'code' | 'details'> | null = null;
  /** Answers nothing at all. */
  silent = false;
  readonly asked: Asked[] = [];
  readonly api = new GoogleApi();

  static async start(): Promise<CloudMonitoring> {
    const cloud = new CloudMonitoring();
    cloud.#serve();
    await cloud.api.listen();
    return cloud;
  }

  #serve(): void {
    this.api.server.register(
      '/google.monitoring.v3.MetricService/ListTimeSeries',
      (call: ServerUnaryCall<Asked, object>, done: sendUnaryData<object>) => {
        this.asked.push(call.request);
        if (this.silent) return;
        const wrong = wrongWith(call.request);
        if (this.failure !== null) done(this.failure);
        else if (wrong !== null) done({ code: status.INVALID_ARGUMENT, details: wrong });
        else done(null, { timeSeries: this.#series(call.request) });
      },
      (answer) => Buffer.from(ListTimeSeriesResponse.encode(ListTimeSeriesResponse.fromObject(answer)).finish()),
      (bytes) =>
        Asked.parse(
          ListTimeSeriesRequest.toObject(ListTimeSeriesRequest.decode(bytes), { longs: Number, enums: String }),
        ),
      'unary',
    );
  }

  #series(asked: Asked): object[] {
    const { groupByFields } = asked.aggregation;
    const keyOf = ({ labels }: Sample): string =>
      JSON.stringify(groupByFields.map((field) => [field.slice(13), labels[field.slice(13)] ?? '']));
    const groups = Map.groupBy(
      this.samples.filter((sample) => selects(asked, sample)),
      keyOf,
    );
    return [...groups].map(([key, samples]) => ({
      metric: { labels: Object.fromEntries(JSON.parse(key) as [string, string][]) },
      points: aligned(asked, samples),
    }));
  }
}

function selects({ filter, interval: { startTime, endTime } }: Asked, sample: Sample): boolean {
  const { metric, labels, service = 'recenttelemetry', at_ms } = sample;
  if (at_ms > Date.now() - HIDDEN_MS) return false;
  if (at_ms <= startTime.seconds * 1_000 || at_ms > endTime.seconds * 1_000) return false;
  const clauses = [...(clausesOf(filter) ?? [])];
  return clauses.every(([key, values]) => {
    if (key === 'metric.type') return values.includes(metric);
    if (key === 'resource.labels.service_name') return values.includes(service);
    return key === 'resource.type' || values.includes(labels[key.slice('metric.labels.'.length)] ?? '');
  });
}

/** Periods are counted back from the end, as the proto says; the newest comes first. */
function aligned({ interval, aggregation }: Asked, samples: readonly Sample[]): object[] {
  const [end_s, period_s] = [interval.endTime.seconds, aggregation.alignmentPeriod.seconds];
  const periods = Map.groupBy(samples, ({ at_ms }) => Math.floor((end_s - at_ms / 1_000) / period_s));
  return [...periods]
    .sort(([a], [b]) => a - b)
    .map(([back, inside]) => {
      const [endTime, startTime] = [end_s - back * period_s, end_s - (back + 1) * period_s];
      const times = { startTime: { seconds: startTime }, endTime: { seconds: endTime } };
      return { interval: times, value: summed(inside) };
    });
}

function summed(samples: readonly Sample[]): object {
  const buckets = METRICS.get(samples[0]?.metric ?? '')?.buckets;
  const values = samples.flatMap(({ value }) => value);
  const sum = values.reduce((all, value) => all + value, 0);
  if (buckets === undefined) return { int64Value: sum };
  const bucketCounts = countsIn(buckets, values);
  const mean = sum / values.length;
  return { distributionValue: { count: values.length, mean, bucketOptions: buckets, bucketCounts } };
}

/** Trailing zeros are left out, as the proto allows. */
function countsIn(buckets: Buckets, values: readonly number[]) {
  const bounds = boundsOf(buckets);
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const value of values) {
    const at = bounds.findIndex((bound) => value < bound);
    const place = at < 0 ? bounds.length : at;
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts.slice(0, counts.findLastIndex((count) => count > 0) + 1);
}
