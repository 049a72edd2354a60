/** What was asked of a box that is killed again and again, and what is known to have come of it. */

/** `info`: nobody knows. The connection ended, or the store was said to be away, and neither means that nothing was done. */
export type Outcome = 'ok' | 'fail' | 'info';

export interface SentPoint {
  readonly timestamp_ms: number;
  readonly metrics: { readonly value: number; readonly batch: number };
}

/** Points that are stored together or not at all, however often they are sent. */
export interface Batch {
  readonly points: readonly SentPoint[];
  readonly sendings: Outcome[];
  /** The sum over all receipts: more than there are points means that some were stored twice. */
  accepted: number;
}

/** A device that was to be registered. */
export interface DeviceHistory {
  readonly device_id: string;
  registration: Outcome;
  readonly batches: Batch[];
  /** Changed since it was last compared with the file. */
  touched: boolean;
}

/** The best that is known of all sendings together. */
export function outcomeOf({ sendings }: Pick<Batch, 'sendings'>): Outcome {
  if (sendings.includes('ok')) return 'ok';
  return sendings.includes('fail') && !sendings.includes('info') ? 'fail' : 'info';
}

/** Everything that one box was asked. */
export class History {
  readonly devices: DeviceHistory[] = [];
  /** Answers that no fault explains. */
  readonly strange: string[] = [];

  begin(device_id: string): DeviceHistory {
    const device: DeviceHistory = { device_id, registration: 'info', batches: [], touched: true };
    this.devices.push(device);
    return device;
  }

  /** Those that were asked for anything since the last call. */
  takeTouched(): readonly DeviceHistory[] {
    const touched = this.devices.filter((device) => device.touched);
    for (const device of touched) device.touched = false;
    return touched;
  }

  count(): HistoryCounts {
    const batches = this.devices.flatMap((device) => device.batches);
    const acknowledged = batches.filter((batch) => outcomeOf(batch) === 'ok');
    return {
      requests: batches.reduce((sum, { sendings }) => sum + sendings.length, this.devices.length),
      resent: batches.filter(({ sendings }) => sendings.length > 1).length,
      unknown: batches.reduce((sum, { sendings }) => sum + sendings.filter((one) => one === 'info').length, 0),
      acknowledged: acknowledged.reduce((sum, { points }) => sum + points.length, 0),
    };
  }
}

export interface HistoryCounts {
  /** Sendings of batches, and registrations. */
  readonly requests: number;
  /** Batches that were sent more than once. */
  readonly resent: number;
  /** Sendings of which nobody knows what came of them. */
  readonly unknown: number;
  /** Points. */
  readonly acknowledged: number;
}
