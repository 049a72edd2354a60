import { bucketAt, type BucketSpan } from '../../model/bucket.ts';
import { oldestKept_ms } from '../../model/retention.ts';
import type { LegacyFile, LegacyRow, RowCount } from '../../stores/import.ts';
import { named } from '../cells.ts';
import { CELLS, pointTable, type PointTable, type TelemetryOptions } from '../point-table.ts';
import { deviceKey, readTime, type DeviceRef, type Fault } from '../point.ts';
import { emptyTally, refuse, type Tally } from '../tally.ts';
import type { FiledDevice, ReadBucket, ReadUnit } from './messages.ts';

/** Rows that are in no bucket share units of this many. */
const REMAINDER_ROWS = 1_000;

/** The points of some devices in the asked time, as every pass over them will find them. */
export interface PlannedReading {
  readonly rows: RowCount;
  units(): Generator<ReadUnit>;
}

/** From the start of the earliest bucket that holds the asked instant. */
export function planReading(
  legacy: LegacyFile,
  options: TelemetryOptions,
  devices: readonly FiledDevice[],
): PlannedReading {
  const { mapping, from_ms } = options;
  const table = pointTable(legacy, options);
  const starts_ms = devices.map(({ widths }) => bucketAt(widths, from_ms).start_ms);
  const since = { column: mapping.timestamp_ms, from: Math.min(from_ms, ...starts_ms) };
  const read = { ...table.read, since };
  return {
    rows: legacy.count(read),
    units: () => new Reading({ ...table, read }, devices, options).units(legacy),
  };
}

interface OpenBucket extends BucketSpan {
  readonly device: number;
  readonly times_ms: number[];
  readonly metrics: string[];
}

/** One pass over the rows by time: a bucket is whole when its time is over, so one of each device is held. */
class Reading {
  readonly #table: PointTable;
  readonly #devices: readonly FiledDevice[];
  readonly #placeOf: PlaceOf;
  readonly #from_ms: number;
  readonly #now_ms: number;
  readonly #oldest_kept_ms: number;
  readonly #open = new Map<number, OpenBucket>();
  #next_end_ms = Infinity;
  /** Rows that are in no bucket. */
  #rest: Tally = emptyTally();

  constructor(table: PointTable, devices: readonly FiledDevice[], { from_ms, now_ms }: TelemetryOptions) {
    this.#table = table;
    this.#devices = devices;
    this.#placeOf = placesOf(devices);
    this.#from_ms = from_ms;
    this.#now_ms = now_ms;
    this.#oldest_kept_ms = oldestKept_ms(now_ms);
  }

  *units(legacy: LegacyFile): Generator<ReadUnit> {
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
    const device = this.#placeOf(ref);
    const open = this.#open.get(device);
    if (open !== undefined) return open;
    const widths = this.#devices[device]?.widths;
    if (widths === undefined) return null;
    const span = bucketAt(widths, timestamp_ms);
    return span.end_ms <= this.#from_ms ? null : { ...span, device, times_ms: [], metrics: [] };
  }

  #addPoint(bucket: OpenBucket, timestamp_ms: number, row: LegacyRow): void {
    const metrics = this.#table.metricsOf(row, CELLS.metrics);
    if (typeof metrics !== 'string') {
      this.#refuse(metrics, row);
      return;
    }
    if (bucket.metrics.length === 0) {
      this.#open.set(bucket.device, bucket);
      this.#next_end_ms = Math.min(this.#next_end_ms, bucket.end_ms);
    }
    bucket.times_ms.push(timestamp_ms);
    bucket.metrics.push(metrics);
  }

  *#closeUntil(time_ms: number): Generator<ReadBucket> {
    const buckets = [...this.#open.values()].sort((a, b) => a.end_ms - b.end_ms);
    const ended = buckets.filter(({ end_ms }) => end_ms <= time_ms);
    for (const { device } of ended) this.#open.delete(device);
    this.#next_end_ms = buckets[ended.length]?.end_ms ?? Infinity;
    for (const bucket of ended) yield { ...bucket, times_ms: Float64Array.from(bucket.times_ms) };
  }

  #refuse({ fault }: Fault, row: LegacyRow): void {
    this.#rest.rows += 1;
    refuse(this.#rest, fault, named(row[CELLS.id] ?? null));
  }

  #leaveOut(why: 'left_out' | 'expired'): void {
    this.#rest.rows += 1;
    this.#rest[why] += 1;
  }

  #closeRest(): ReadUnit {
    const unit = { rest: this.#rest };
    this.#rest = emptyTally();
    return unit;
  }
}

type PlaceOf = (ref: DeviceRef) => number;

/** Every row asks this: it goes by the reference, not by a key made of it. -1 for one that is not among them. */
function placesOf(devices: readonly FiledDevice[]): PlaceOf {
  const places = new Map(devices.map((device, at) => [deviceKey(device), at]));
  const known = new Map<DeviceRef, number>();
  return (ref) => {
    const found = known.get(ref);
    if (found !== undefined) return found;
    const place = places.get(deviceKey(ref)) ?? -1;
    known.set(ref, place);
    return place;
  };
}
