import { bucketAt, type BucketSpan } from '../model/bucket.ts';
import type { Device } from '../model/entities.ts';
import { oldestKept_ms } from '../model/retention.ts';
import type { IncomingPoint } from '../model/write-plan.ts';
import type { LegacyFile, LegacyRow } from '../stores/import.ts';
import { bucketUnit, remainderUnit } from './bucket-unit.ts';
import { named } from './cells.ts';
import { deviceKey } from './devices.ts';
import { CELLS, type PointTable, type TelemetryOptions } from './point-table.ts';
import { readTime, type DeviceRef, type Fault } from './point.ts';
import { emptyTally, refuse, type Tally } from './tally.ts';
import type { Source, Unit } from './unit.ts';

/** Rows that are in no bucket share units of this many. */
const REMAINDER_ROWS = 1_000;

/** Points of the asked time in whole buckets, in the order in which their time ends: devices take turns. */
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
    units: () => new Reading(whole, deviceLookup(devices), options).units(legacy),
  };
}

type DeviceOf = (ref: DeviceRef) => Device | undefined;

/** Every row asks this: it goes by the reference, not by a key made of it. */
function deviceLookup(devices: ReadonlyMap<string, Device>): DeviceOf {
  const known = new Map<DeviceRef, Device | undefined>();
  return (ref) => {
    if (!known.has(ref)) known.set(ref, devices.get(deviceKey(ref)));
    return known.get(ref);
  };
}

interface OpenBucket extends BucketSpan {
  readonly device: Device;
  readonly points: IncomingPoint[];
}

/** One pass over the rows by time: a bucket is whole when its time is over, so one of each device is held. */
class Reading {
  readonly #table: PointTable;
  readonly #deviceOf: DeviceOf;
  readonly #from_ms: number;
  readonly #now_ms: number;
  readonly #oldest_kept_ms: number;
  readonly #open = new Map<Device, OpenBucket>();
  #next_end_ms = Infinity;
  /** Rows that are in no bucket. */
  #rest: Tally = emptyTally();

  constructor(table: PointTable, deviceOf: DeviceOf, { from_ms, now_ms }: TelemetryOptions) {
    this.#table = table;
    this.#deviceOf = deviceOf;
    this.#from_ms = from_ms;
    this.#now_ms = now_ms;
    this.#oldest_kept_ms = oldestKept_ms(now_ms);
  }

  *units(legacy: LegacyFile): Generator<Unit> {
    for (const row of legacy.rows(this.#table.read)) {
      const time = readTime(row[CELLS.time] ?? null, this.#now_ms);
      if (typeof time !== 'number') this.#refuse(time, row);
      else {
        if (time >= this.#next_end_ms) yield* this.#closeUntil(time);
        this.#add(time, row);
      }
      if (this.#rest.rows >= REMAINDER_ROWS) yield this.#closeRest();
    }
    yield* this.#closeUntil(Infinity);
    if (this.#rest.rows > 0) yield this.#closeRest();
  }

  #add(timestamp_ms: number, row: LegacyRow): void {
    const ref = this.#table.refOf(row[CELLS.tenant] ?? null, row[CELLS.device] ?? null);
    if (ref === 'other') this.#leaveOut('left_out');
    else if ('fault' in ref) this.#refuse(ref, row);
    else {
      const bucket = this.#bucketOf(ref, timestamp_ms);
      if (bucket === null) this.#leaveOut('left_out');
      else if (timestamp_ms < this.#oldest_kept_ms) this.#leaveOut('expired');
      else this.#addPoint(bucket, timestamp_ms, row);
    }
  }

  #bucketOf(ref: DeviceRef, timestamp_ms: number): OpenBucket | null {
    const device = this.#deviceOf(ref);
    if (device === undefined) return null;
    const open = this.#open.get(device);
    if (open !== undefined) return open;
    const span = bucketAt(device.widths, timestamp_ms);
    return span.end_ms <= this.#from_ms ? null : { ...span, device, points: [] };
  }

  #addPoint(bucket: OpenBucket, timestamp_ms: number, row: LegacyRow): void {
    const metrics = this.#table.metricsOf(row, CELLS.metrics);
    if (typeof metrics !== 'string') {
      this.#refuse(metrics, row);
      return;
    }
    if (bucket.points.length === 0) {
      this.#open.set(bucket.device, bucket);
      this.#next_end_ms = Math.min(this.#next_end_ms, bucket.end_ms);
    }
    bucket.points.push({ index: bucket.points.length, timestamp_ms, metrics });
  }

  *#closeUntil(time_ms: number): Generator<Unit> {
    const buckets = [...this.#open.values()].sort((a, b) => a.end_ms - b.end_ms);
    const ended = buckets.filter(({ end_ms }) => end_ms <= time_ms);
    for (const { device } of ended) this.#open.delete(device);
    this.#next_end_ms = buckets[ended.length]?.end_ms ?? Infinity;
    for (const bucket of ended) yield bucketUnit(bucket, { ...emptyTally(), rows: bucket.points.length });
  }

  #refuse({ fault }: Fault, row: LegacyRow): void {
    this.#rest.rows += 1;
    refuse(this.#rest, fault, named(row[CELLS.id] ?? null));
  }

  #leaveOut(why: 'left_out' | 'expired'): void {
    this.#rest.rows += 1;
    this.#rest[why] += 1;
  }

  #closeRest(): Unit {
    const unit = remainderUnit(this.#rest);
    this.#rest = emptyTally();
    return unit;
  }
}
