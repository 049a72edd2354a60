import { setImmediate as breathe } from 'node:timers/promises';
import { DAY_MS } from '../clock.ts';
import type { Device } from '../model/entities.ts';
import { canonicalMetrics } from '../model/point.ts';
import type { TenantStores } from '../stores/contracts.ts';
import { isOwnTime, readings, type Controller } from './controller.ts';

/** How far back a demo can be looked at on its first day. */
export const HISTORY_MS = 7 * DAY_MS;
/** As many points as a request may hold: one commit. */
export const BATCH_POINTS = 1_000;

export interface Past {
  readonly now_ms: number;
  readonly zone_ms: number;
  readonly stopping: AbortSignal;
}

/**
 * Stores what a controller has measured since its newest reading that is stored, a week at most, and gives back up to
 * when that is. The past goes straight to the store, each batch with the time at which it would have been received: the
 * budget of this minute is left to whoever posts now, and a look back need not wait until it is filled.
 */
export async function storePast(
  own: TenantStores,
  device: Device,
  controller: Controller,
  { now_ms, zone_ms, stopping }: Past,
): Promise<number> {
  let after_ms = (await newestOwn(own, device, controller, now_ms)) ?? now_ms - HISTORY_MS;
  if (device.disabled) return after_ms;
  while (!stopping.aborted) {
    const batch = readings(controller, { after_ms, until_ms: now_ms, limit: BATCH_POINTS, zone_ms });
    const last = batch.at(-1);
    if (last === undefined) break;
    const points = batch.map(({ timestamp_ms, metrics }, index) => {
      return { index, timestamp_ms, metrics: canonicalMetrics(metrics) };
    });
    const outcome = await own.telemetry.write({ device, points, overwrite: false, now_ms: last.timestamp_ms });
    if (outcome.kind === 'over_budget') break;
    after_ms = last.timestamp_ms;
    // A file is written without a pause: requests are to be answered in between.
    await breathe();
  }
  return after_ms;
}

/** The time of the newest point that the controller itself has measured, if it is not too long ago. */
async function newestOwn(
  own: TenantStores,
  device: Device,
  controller: Controller,
  now_ms: number,
): Promise<number | null> {
  const range = { start_ms: now_ms - HISTORY_MS, end_ms: now_ms + 1 };
  for await (const points of own.telemetry.scan(device, range, { expected: 1, now_ms })) {
    const newest = points.find(({ timestamp_ms }) => isOwnTime(controller, timestamp_ms));
    if (newest !== undefined) return newest.timestamp_ms;
  }
  return null;
}
