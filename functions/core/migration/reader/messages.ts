/** What is said between the thread that reads points and the one that stores them. Each order has one answer, in turn. */
import type { BucketSpan } from '../../model/bucket.ts';
import type { Device } from '../../model/entities.ts';
import type { RowCount } from '../../stores/import.ts';
import type { TelemetryOptions } from '../point-table.ts';
import type { Tally } from '../tally.ts';

export interface ReaderSetup {
  readonly file: string;
  /** Not 0 once the reading is to end, even in the midst of a statement. */
  readonly stop: Int32Array<SharedArrayBuffer>;
}

/** A device and what decides which of its points share a bucket. */
export type FiledDevice = Pick<Device, 'tenant_id' | 'device_id' | 'widths'>;

export type Order =
  | { readonly kind: 'survey'; readonly options: TelemetryOptions }
  /** Says whose points are to be read; units call a device by its place here. */
  | { readonly kind: 'plan'; readonly options: TelemetryOptions; readonly devices: readonly FiledDevice[] }
  /** Asks for some more, or for the first. */
  | { readonly kind: 'next'; readonly anew: boolean }
  | { readonly kind: 'end' };

export type Answer =
  | { readonly kind: 'survey'; readonly devices: readonly Device[] }
  | { readonly kind: 'plan'; readonly rows: RowCount }
  /** Empty after the last. */
  | { readonly kind: 'next'; readonly units: readonly ReadUnit[] }
  /** A `SetupError`, whose class would be lost on the way. */
  | { readonly kind: 'refused'; readonly message: string };

/** What one unit is made of: the points of a bucket, or rows that are in none. */
export type ReadUnit = ReadBucket | { readonly rest: Tally };

/** Points by column, oldest first: they are copied from thread to thread in a fraction of the time that objects take. */
export interface ReadBucket extends BucketSpan {
  readonly device: number;
  readonly times_ms: Float64Array;
  /** Canonical texts. */
  readonly metrics: readonly string[];
}
