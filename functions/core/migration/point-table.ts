import type { LegacyFile, LegacyRead } from '../stores/import.ts';
import { layoutOf, TELEMETRY_COLUMNS, type Mapping } from './mapping.ts';
import { columnMetricsReader, readJsonMetrics, refReader, type MetricsReader, type RefReader } from './point.ts';
import { tenantRule } from './tenant.ts';

export interface TelemetryOptions {
  readonly mapping: Mapping['telemetry'];
  /** Null where a column says it. With a column, only this one's are migrated. */
  readonly tenant_id: string | null;
  readonly from_ms: number;
  readonly now_ms: number;
}

/** Where the cells of a point stand in a row of `PointTable.read`; the cells of its metrics follow. */
export const CELLS = { tenant: 0, device: 1, time: 2, id: 3, metrics: 4 } as const;

/** How the points of a legacy table are read, whatever its columns are called. */
export interface PointTable {
  readonly read: LegacyRead;
  readonly refOf: RefReader;
  readonly metricsOf: MetricsReader;
  /** Columns of which nothing is made. */
  readonly unused: readonly string[];
}

export function pointTable(legacy: LegacyFile, { mapping, tenant_id }: TelemetryOptions): PointTable {
  const { table, columns, unused } = layoutOf(legacy, mapping, TELEMETRY_COLUMNS);
  const { sources, metricsOf } = metricsLayout(legacy, mapping, unused);
  const { tenant } = columns;
  const read = {
    table,
    columns: [tenant, columns.device_id, columns.timestamp_ms, columns.id, ...sources],
    order_by: [mapping.timestamp_ms, mapping.id],
  };
  const refOf = refReader(tenantRule(table, tenant, tenant_id));
  return { read, refOf, metricsOf, unused: unused.filter((column) => !sources.includes(column)) };
}

interface MetricsLayout {
  readonly sources: readonly string[];
  readonly metricsOf: MetricsReader;
}

function metricsLayout(
  legacy: LegacyFile,
  { table, metrics }: Mapping['telemetry'],
  unused: readonly string[],
): MetricsLayout {
  const mapped = metrics ?? guessed(unused);
  const sources = 'json' in mapped ? [mapped.json] : Object.keys(mapped.columns);
  for (const column of sources) layoutOf(legacy, { table, metrics: column }, ['metrics']);
  return {
    sources,
    metricsOf: 'json' in mapped ? readJsonMetrics : columnMetricsReader(Object.values(mapped.columns)),
  };
}

/** JSON where there is a column of that name, else every further column is a metric. */
function guessed(unused: readonly string[]): NonNullable<Mapping['telemetry']['metrics']> {
  if (unused.includes('metrics')) return { json: 'metrics' };
  return { columns: Object.fromEntries(unused.map((column) => [column, column])) };
}
