import type { LegacyFile, LegacyRead, LegacyRow } from '../stores/import.ts';
import { bucketAt } from '../model/bucket.ts';
import type { Device } from '../model/entities.ts';
import { oldestKept_ms } from '../model/retention.ts';
import type { IncomingPoint } from '../model/write-plan.ts';
import { bucketUnit, remainderUnit } from './bucket-unit.ts';
import { named } from './cells.ts';
import { deviceKey } from './devices.ts';
import { layoutOf, TELEMETRY_COLUMNS, type Mapping } from './mapping.ts';
import { columnMetricsReader, placeReader, readJsonMetrics, type MetricsReader, type Place } from './point.ts';
import { emptyTally, refuse, type Tally } from './tally.ts';
import { tenantRule } from './tenant.ts';
import type { Source, Unit } from './unit.ts';

export interface TelemetryOptions {
  readonly mapping: Mapping['telemetry'];
  readonly tenant_id: string | null;
  readonly from_ms: number;
  readonly now_ms: number;
}

/** Rows that are in no bucket share units of this many. */
const REMAINDER_ROWS = 1_000;
/** Ranks below every bucket, for what belongs to none. */
const LEFT_OUT = -1;

/** How the rows of a legacy table are read, wherever its tenant, device, time and metrics are. */
export interface PointTable {
  readonly read: LegacyRead;
  readonly placeOf: (...cells: LegacyRow) => Place;
  readonly metricsOf: MetricsReader;
  readonly unused: readonly string[];
}

export function pointTable(legacy: LegacyFile, options: TelemetryOptions): PointTable {
  const { mapping, tenant_id, now_ms } = options;
  const { table, columns, unused } = layoutOf(legacy, mapping, TELEMETRY_COLUMNS);
  const placeOf = placeReader(tenantRule(table, columns.tenant, tenant_id), now_ms);
  const { sources, metricsOf } = metricsLayout(legacy, mapping, unused);
  const read = {
    table,
    columns: [columns.tenant, columns.device_id, columns.timestamp_ms, columns.id, ...sources],
    order_by: [
      ...(columns.tenant === null ? [] : [columns.tenant]),
      mapping.device_id,
      mapping.timestamp_ms,
      mapping.id,
    ],
  };
  return { read, placeOf, metricsOf, unused: unused.filter((column) => !sources.includes(column)) };
}

function metricsLayout(legacy: LegacyFile, mapping: Mapping['telemetry'], unused: readonly string[]) {
  const json =
    mapping.metrics === undefined ? (unused.includes('metrics') ? 'metrics' : null) : asJson(mapping.metrics);
  if (json !== null) {
    layoutOf(legacy, { table: mapping.table, metrics: json }, ['metrics']);
    return { sources: [json], metricsOf: readJsonMetrics };
  }
  const given = mapping.metrics !== undefined && 'columns' in mapping.metrics ? mapping.metrics.columns : null;
  const names = given ?? Object.fromEntries(unused.map((column) => [column, column]));
  const sources = Object.keys(names);
  for (const column of sources) layoutOf(legacy, { table: mapping.table, metric: column }, ['metric']);
  return { sources, metricsOf: columnMetricsReader(Object.values(names)) };
}

function asJson(metrics: NonNullable<Mapping['telemetry']['metrics']>): string | null {
  return 'json' in metrics ? metrics.json : null;
}

/** Points of the asked time in whole buckets, oldest buckets first and devices in turn. */
export function telemetrySource(
  legacy: LegacyFile,
  table: PointTable,
  devices: ReadonlyMap<string, Device>,
  options: TelemetryOptions,
): Source {
  const { from_ms, mapping } = options;
  const starts_ms = [...devices.values()].map((device) => bucketAt(device.widths, from_ms).start_ms);
  const since = { column: mapping.timestamp_ms, from: Math.min(from_ms, ...starts_ms) };
  const total_rows = legacy.count(mapping.table, since);
  const whole = { ...table, read: { ...table.read, since } };
  return {
    total_rows,
    older_rows: legacy.count(mapping.table) - total_rows,
    units: () => bucketUnits(legacy, whole, devices, options),
  };
}

function* bucketUnits(
  legacy: LegacyFile,
  { read, placeOf, metricsOf }: PointTable,
  devices: ReadonlyMap<string, Device>,
  { from_ms, now_ms }: TelemetryOptions,
): Generator<Unit> {
  const rank = (...cells: LegacyRow): number | null => {
    const place = placeOf(...cells);
    if (place === 'other') return LEFT_OUT;
    if ('fault' in place) return null;
    const device = devices.get(deviceKey(place));
    const span = device && bucketAt(device.widths, place.timestamp_ms);
    return span === undefined || span.end_ms <= from_ms ? LEFT_OUT : span.start_ms;
  };
  const open = new OpenUnit(oldestKept_ms(now_ms));
  for (const row of legacy.ranked(read, rank)) {
    const [start, ...cells] = row;
    const place = placeOf(...cells.slice(0, 3));
    const device = place === 'other' || 'fault' in place ? undefined : devices.get(deviceKey(place));
    const bucket = start === null || start === LEFT_OUT ? undefined : device;
    const done = open.turnTo(bucket, Number(start));
    if (done !== null) yield done;
    open.add(cells, place, metricsOf);
  }
  const last = open.finish();
  if (last !== null) yield last;
}

/** The unit whose rows are being read. */
class OpenUnit {
  readonly #oldest_kept_ms: number;
  #device: Device | undefined;
  #start_ms = Number.NaN;
  #points: IncomingPoint[] = [];
  #tally: Tally = emptyTally();

  constructor(oldest_kept_ms: number) {
    this.#oldest_kept_ms = oldest_kept_ms;
  }

  /** The unit before, when the next row does not belong to it. */
  turnTo(device: Device | undefined, start_ms: number): Unit | null {
    const stays =
      device === undefined
        ? this.#device === undefined && this.#tally.rows < REMAINDER_ROWS
        : this.#device === device && this.#start_ms === start_ms;
    if (stays) return null;
    const done = this.finish();
    this.#device = device;
    this.#start_ms = start_ms;
    return done;
  }

  add(cells: LegacyRow, place: Place, metricsOf: MetricsReader): void {
    const tally = this.#tally;
    tally.rows += 1;
    if (place !== 'other' && 'fault' in place) {
      refuse(tally, place.fault, named(cells[3] ?? null));
    } else if (place === 'other' || this.#device === undefined) {
      tally.left_out += 1;
    } else if (place.timestamp_ms < this.#oldest_kept_ms) {
      tally.expired += 1;
    } else {
      const reading = metricsOf(cells.slice(4));
      if ('fault' in reading) refuse(tally, reading.fault, named(cells[3] ?? null));
      else
        this.#points.push({ index: this.#points.length, timestamp_ms: place.timestamp_ms, metrics: reading.metrics });
    }
  }

  finish(): Unit | null {
    const [device, points, tally, start_ms] = [this.#device, this.#points, this.#tally, this.#start_ms];
    this.#points = [];
    this.#tally = emptyTally();
    if (tally.rows === 0) return null;
    if (device === undefined || points.length === 0) return remainderUnit(tally);
    return bucketUnit({ device, points, ...bucketAt(device.widths, start_ms) }, tally);
  }
}
