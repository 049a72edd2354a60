import { bucketAt } from '../model/bucket.ts';
import type { Device } from '../model/entities.ts';
import { oldestKept_ms } from '../model/retention.ts';
import type { IncomingPoint } from '../model/write-plan.ts';
import type { LegacyFile, LegacyRow, LegacyValue } from '../stores/import.ts';
import { bucketUnit, remainderUnit } from './bucket-unit.ts';
import { named } from './cells.ts';
import { deviceKey } from './devices.ts';
import { CELLS, type PointTable, type TelemetryOptions } from './point-table.ts';
import { readTime, type DeviceRef, type Fault } from './point.ts';
import { emptyTally, refuse, type Tally } from './tally.ts';
import type { Source, Unit } from './unit.ts';

/** Rows that are in no bucket share units of this many. */
const REMAINDER_ROWS = 1_000;
/** Ranks below every bucket, for what belongs to none. */
const LEFT_OUT = -1;
/** The rank leads a ranked row. */
const AFTER_RANK = 1;

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
    units: () => bucketUnits(legacy, whole, deviceLookup(devices), options),
  };
}

type DeviceOf = (ref: DeviceRef | Fault | 'other') => Device | undefined;

/** Every row asks this: it goes by the reference, not by a key made of it. */
function deviceLookup(devices: ReadonlyMap<string, Device>): DeviceOf {
  const known = new Map<DeviceRef, Device | undefined>();
  return (ref) => {
    if (ref === 'other' || 'fault' in ref) return undefined;
    if (!known.has(ref)) known.set(ref, devices.get(deviceKey(ref)));
    return known.get(ref);
  };
}

function* bucketUnits(
  legacy: LegacyFile,
  table: PointTable,
  deviceOf: DeviceOf,
  { from_ms, now_ms }: TelemetryOptions,
): Generator<Unit> {
  const { read, refOf } = table;
  const rank = (tenant: LegacyValue, device: LegacyValue, cell: LegacyValue): number | null => {
    const ref = refOf(tenant, device);
    if (ref === 'other') return LEFT_OUT;
    const timestamp_ms = readTime(cell, now_ms);
    if ('fault' in ref || typeof timestamp_ms !== 'number') return null;
    const met = deviceOf(ref);
    const span = met && bucketAt(met.widths, timestamp_ms);
    return span === undefined || span.end_ms <= from_ms ? LEFT_OUT : span.start_ms;
  };
  const open = new OpenUnit(table, now_ms);
  for (const row of legacy.ranked(read, rank)) {
    const [start = null, tenant = null, device = null] = row;
    const ref = refOf(tenant, device);
    const done = open.turnTo(start === null || start === LEFT_OUT ? undefined : deviceOf(ref), Number(start));
    if (done !== null) yield done;
    open.add(row, ref);
  }
  const last = open.finish();
  if (last !== null) yield last;
}

/** The unit whose rows are being read. */
class OpenUnit {
  readonly #table: PointTable;
  readonly #now_ms: number;
  readonly #oldest_kept_ms: number;
  #device: Device | undefined;
  #start_ms = Number.NaN;
  #points: IncomingPoint[] = [];
  #tally: Tally = emptyTally();

  constructor(table: PointTable, now_ms: number) {
    this.#table = table;
    this.#now_ms = now_ms;
    this.#oldest_kept_ms = oldestKept_ms(now_ms);
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

  add(row: LegacyRow, ref: DeviceRef | Fault | 'other'): void {
    const tally = this.#tally;
    tally.rows += 1;
    const time = readTime(row[AFTER_RANK + CELLS.time] ?? null, this.#now_ms);
    if (ref === 'other') tally.left_out += 1;
    else if ('fault' in ref) this.#refuse(ref, row);
    else if (typeof time !== 'number') this.#refuse(time, row);
    else if (this.#device === undefined) tally.left_out += 1;
    else if (time < this.#oldest_kept_ms) tally.expired += 1;
    else this.#addPoint(time, row);
  }

  #addPoint(timestamp_ms: number, row: LegacyRow): void {
    const metrics = this.#table.metricsOf(row, AFTER_RANK + CELLS.metrics);
    if (typeof metrics === 'string') this.#points.push({ index: this.#points.length, timestamp_ms, metrics });
    else this.#refuse(metrics, row);
  }

  #refuse({ fault }: Fault, row: LegacyRow): void {
    refuse(this.#tally, fault, named(row[AFTER_RANK + CELLS.id] ?? null));
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
