/** What Cloud Monitoring asks of a request for time series, by the descriptions it publishes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { rootDir } from './command.ts';

/** `ListTimeSeriesRequest`, decoded, with enumerations by name. */
export const Asked = z.strictObject({
  name: z.string(),
  filter: z.string(),
  interval: z.strictObject({
    startTime: z.object({ seconds: z.coerce.number() }),
    endTime: z.object({ seconds: z.coerce.number() }),
  }),
  aggregation: z.strictObject({
    alignmentPeriod: z.object({ seconds: z.coerce.number() }),
    perSeriesAligner: z.string(),
    crossSeriesReducer: z.string(),
    groupByFields: z.array(z.string()).default([]),
  }),
  view: z.string().default('FULL'),
});
export type Asked = z.infer<typeof Asked>;

interface Metric {
  readonly kind: string;
  readonly labels: readonly string[];
  /** Of a distribution; undefined of numbers. */
  readonly buckets: Buckets | undefined;
}
export type Buckets = z.infer<typeof Buckets>;

const Buckets = z.union([
  z.object({ explicitBuckets: z.object({ bounds: z.array(z.number()) }) }),
  z.object({
    exponentialBuckets: z.object({ numFiniteBuckets: z.number(), growthFactor: z.number(), scale: z.number() }),
  }),
]);

/** What lies below the first of them, and beyond the last, has a bucket too. */
export function boundsOf(buckets: Buckets): readonly number[] {
  if ('explicitBuckets' in buckets) return buckets.explicitBuckets.bounds;
  const { numFiniteBuckets, growthFactor, scale } = buckets.exponentialBuckets;
  return Array.from({ length: numFiniteBuckets + 1 }, (_, at) => scale * growthFactor ** at);
}

const Declared = z.array(
  z.object({
    name: z.string(),
    metricDescriptor: z.object({
      metricKind: z.string(),
      valueType: z.string(),
      labels: z.array(z.object({ key: z.string() })),
    }),
    bucketOptions: Buckets.optional(),
  }),
);

/** The metrics that infra declares, and Cloud Run's own. */
export const METRICS: ReadonlyMap<string, Metric> = new Map([
  ...Declared.parse(JSON.parse(readFileSync(join(rootDir, 'infra/log-metrics.json'), 'utf8'))).map(
    ({ name, metricDescriptor: { metricKind, labels }, bucketOptions }): [string, Metric] => [
      `logging.googleapis.com/user/${name}`,
      { kind: metricKind, labels: labels.map(({ key }) => key), buckets: bucketOptions },
    ],
  ),
  [
    'run.googleapis.com/request_count',
    { kind: 'DELTA', labels: ['response_code', 'response_code_class'], buckets: undefined },
  ],
]);

const CLAUSE = /^(resource\.type|resource\.labels\.service_name|metric\.type|metric\.labels\.\w+)=(.+)$/;
const VALUES = /^one_of\(("[^"]*"(?:,"[^"]*")*)\)$|^("[^"]*")$/;

/** The clauses of a filter: what each property may be. */
export function clausesOf(filter: string): ReadonlyMap<string, readonly string[]> | null {
  const clauses = filter.split(' AND ').map((clause) => {
    const [, key = '', value = ''] = CLAUSE.exec(clause) ?? [];
    const [, many, one] = VALUES.exec(value) ?? [];
    const values = (many ?? one)?.split(',').map((quoted) => quoted.slice(1, -1));
    return values === undefined ? null : ([key, values] as const);
  });
  return clauses.includes(null) ? null : new Map(clauses.filter((clause) => clause !== null));
}

/** What is wrong with it; null when nothing is. */
export function wrongWith({ name, filter, interval, aggregation, view }: Asked): string | null {
  const clauses = clausesOf(filter);
  const metric = METRICS.get(clauses?.get('metric.type')?.join() ?? '');
  if (!/^projects\/[a-z][-a-z0-9]{5,29}$/.test(name)) return `name: ${name}`;
  if (clauses === null || metric === undefined) return `filter: ${filter}`;
  if (clauses.get('resource.type')?.join() !== 'cloud_run_revision') return `resource: ${filter}`;
  const unknown = [
    ...[...clauses.keys()].filter((key) => key.startsWith('metric.labels.')).map((key) => key.slice(14)),
    ...aggregation.groupByFields.map((field) => field.replace(/^metric\.label\./, '')),
  ].filter((label) => !metric.labels.includes(label));
  if (unknown.length > 0) return `labels: ${unknown.join(', ')}`;
  const { alignmentPeriod, perSeriesAligner, crossSeriesReducer } = aggregation;
  // Proto: ALIGN_DELTA is valid for cumulative and delta metrics alone, and REDUCE_SUM for numbers and distributions.
  if (perSeriesAligner !== 'ALIGN_DELTA' || metric.kind !== 'DELTA') return `aligner: ${perSeriesAligner}`;
  if (crossSeriesReducer !== 'REDUCE_SUM') return `reducer: ${crossSeriesReducer}`;
  if (alignmentPeriod.seconds < 60) return `alignment period: ${String(alignmentPeriod.seconds)} s`;
  if (interval.endTime.seconds <= interval.startTime.seconds) return 'interval';
  return view === 'FULL' ? null : `view: ${view}`;
}
