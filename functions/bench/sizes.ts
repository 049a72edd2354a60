/** Bytes per point by Firestore's published sizes (firebase.google.com/docs/firestore/storage-size). */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MINUTE_MS } from '@bas/core/clock';
import { bucketAt, firstWidths } from '@bas/core/model/bucket';
import { canonicalMetrics, parseMetrics, type Metrics } from '@bas/core/model/point';
import { metricsAt } from './fixture.ts';
import { ratioRow, type Row } from './report.ts';

export interface Sample {
  readonly timestamp_ms: number;
  readonly metrics: Metrics;
}

const text = (value: string): number => Buffer.byteLength(value) + 1;
const NUMBER = 8;
const DOCUMENT = 32;
const NAME = 16;
const ENTRY = 32;

function documentName(collection: string, id: string): number {
  return text(collection) + text(id) + NAME;
}

function valueSize(value: Metrics[string]): number {
  if (typeof value === 'string') return text(value);
  return typeof value === 'number' ? NUMBER : 1;
}

/** One document per point, every field indexed both ways as is the default, and the composite index. */
export function documentPerPoint(samples: readonly Sample[], tenant_id: string, device_id: string): number {
  let bytes = 0;
  for (const { timestamp_ms, metrics } of samples) {
    const name = documentName('telemetry', `${tenant_id}~${device_id}~${String(timestamp_ms)}`);
    const fields: [string, number][] = [
      ['tenant_id', text(tenant_id)],
      ['device_id', text(device_id)],
      ['timestamp_ms', NUMBER],
      ['expire_at', NUMBER],
    ];
    const metricFields = Object.entries(metrics).map(([metric, value]): [string, number] => [metric, valueSize(value)]);
    const map = metricFields.reduce((sum, [metric, size]) => sum + text(metric) + size, 0);
    const document =
      name +
      DOCUMENT +
      [...fields, ['metrics', map] as const].reduce((sum, [field, size]) => sum + text(field) + size, 0);
    // Ascending and descending, for each field, for each leaf of the map and for the map itself.
    const leaves = metricFields.map(([metric, size]): [string, number] => [`metrics.${metric}`, size]);
    const indexed = [...fields, ['metrics', map] as const, ...leaves];
    const single = 2 * indexed.reduce((sum, [field, size]) => sum + name + text(field) + size + ENTRY, 0);
    const composite = name + text(tenant_id) + text(device_id) + NUMBER + ENTRY;
    bytes += document + single + composite;
  }
  return bytes / samples.length;
}

/** Ours: one document per span, points as canonical text under their offset, all of it exempt from single-field indexes. */
export function bucketed(
  samples: readonly Sample[],
  tenant_id: string,
  device_id: string,
  interval_ms: number,
): number {
  const buckets = new Map<number, number>();
  const widths = firstWidths(interval_ms);
  for (const { timestamp_ms, metrics } of samples) {
    const { start_ms } = bucketAt(widths, timestamp_ms);
    const point = text(String(timestamp_ms - start_ms)) + text(canonicalMetrics(metrics));
    buckets.set(start_ms, (buckets.get(start_ms) ?? 0) + point);
  }
  let bytes = 0;
  for (const [start_ms, points] of buckets) bytes += bucketDocument(tenant_id, device_id, start_ms, points);
  return bytes / samples.length;
}

function bucketDocument(tenant_id: string, device_id: string, start_ms: number, points: number): number {
  const name = documentName('telemetry', `${tenant_id}~${device_id}~${String(start_ms)}`);
  const owner = text('tenant_id') + text(tenant_id) + text('device_id') + text(device_id);
  const plain = ['timestamp_ms', 'expire_at', 'bytes'].reduce((sum, field) => sum + text(field) + NUMBER, 0);
  const budget = text('budget') + text('minute_ms') + NUMBER + text('used') + NUMBER;
  const document = name + DOCUMENT + owner + plain + budget + text('points') + points;
  const single = [
    ['tenant_id', tenant_id],
    ['device_id', device_id],
  ] as const;
  const entries = 2 * single.reduce((sum, [field, value]) => sum + name + text(field) + text(value) + ENTRY, 0);
  const bytesField = 2 * (name + text('bytes') + NUMBER + ENTRY);
  const composite = name + text(tenant_id) + text(device_id) + NUMBER + ENTRY;
  return document + entries + bytesField + composite;
}

/** The occupancy data when it lies beside the repository, else points made up in its likeness. */
export function measureSizes(root: string): Row[] {
  const file = join(root, '../shared/data/occupancy/datatraining.txt');
  const real = existsSync(file);
  const samples = real ? readOccupancy(file) : makeSamples();
  const [tenant_id, device_id] = ['acme', 'room-1'];
  const perPoint = documentPerPoint(samples, tenant_id, device_id);
  const ours = bucketed(samples, tenant_id, device_id, MINUTE_MS);
  const what = `bytes per point, ${real ? 'occupancy data' : 'made-up data'}, document per point with default indexes / ours`;
  return [ratioRow(what, perPoint / ours, '>=', 18, `${perPoint.toFixed(0)} / ${ours.toFixed(0)}`)];
}

/** Columns: row number, time, then one metric each; the header lacks the row number's name. */
function readOccupancy(file: string): Sample[] {
  const [header = '', ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  const names = header
    .split(',')
    .map((name) => name.trim().replaceAll('"', ''))
    .slice(1);
  return lines.map((line) => {
    const [, time = '', ...values] = line.split(',').map((value) => value.replaceAll('"', ''));
    const metrics = Object.fromEntries(names.map((name, at) => [name, Number(values[at])]));
    return { timestamp_ms: Date.parse(`${time.replace(' ', 'T')}Z`), metrics };
  });
}

function makeSamples(): Sample[] {
  return Array.from({ length: 5_000 }, (_unused, at) => {
    const timestamp_ms = at * MINUTE_MS;
    return { timestamp_ms, metrics: parseMetrics(metricsAt(timestamp_ms)) };
  });
}
