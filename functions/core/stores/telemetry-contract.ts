/** What a store of points must do; see `contracts.ts`. */
import type { WriteBudget } from '../budgets/device-writes.ts';
import type { Device } from '../model/entities.ts';
import type { Point } from '../model/point.ts';
import type { IncomingPoint, Receipt } from '../model/write-plan.ts';

export interface TimeRange {
  readonly start_ms: number;
  /** Exclusive. */
  readonly end_ms: number;
}

export interface WriteRequest {
  /** Must belong to this tenant; checked again at run time. */
  readonly device: Device;
  readonly points: readonly IncomingPoint[];
  readonly overwrite: boolean;
  /** Time of receipt by the server's clock. */
  readonly now_ms: number;
}

export type WriteOutcome =
  | { readonly kind: 'done'; readonly receipt: Receipt }
  /** Nothing was stored: the device's budget for this minute is used up. */
  | { readonly kind: 'over_budget'; readonly used: number; readonly reset_ms: number };

export interface TelemetryStore {
  /** One commit: all good points or none. Duplicates are looked for before the budget is asked. */
  write(request: WriteRequest): Promise<WriteOutcome>;
  /**
   * The device's points in `range`, newest first, in chunks of any size. `expected` is how many points the caller is
   * likely to take: the first look reads no more than that needs. Stop iterating to stop reading. Points that have
   * expired by `now_ms` are hidden, whether or not they have been swept.
   */
  scan(device: Device, range: TimeRange, options: ScanOptions): AsyncIterable<readonly Point[]>;
  /** For operators and proofs: the budget as it stands in the bucket of `now_ms`. */
  writeBudget(device: Device, now_ms: number): Promise<WriteBudget | null>;
}

export interface ScanOptions {
  readonly expected: number;
  readonly now_ms: number;
  /**
   * Asked when the read budget is used up: whether the scan may end here although there may be more before `below_ms`.
   * Without it, or when it says no, the scan goes on and what it reads is owed.
   */
  readonly mayStop?: (below_ms: number) => boolean;
}
