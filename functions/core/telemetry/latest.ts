import * as z from 'zod';
import type { Visit } from '../http/exchange.ts';
import { wholeNumber } from '../http/query.ts';
import type { Device } from '../model/entities.ts';
import { DeviceId } from '../model/names.ts';
import type { Point } from '../model/point.ts';
import { MAX_CLOCK_AHEAD_MS, oldestKept_ms } from '../model/retention.ts';
import { staleness } from '../model/staleness.ts';
import type { TenantStores } from '../stores/contracts.ts';
import { pointsText } from './query-page.ts';

const MAX_DEVICE_IDS = 50;
const LIST_PAGE = 500;
const DEVICES_AT_ONCE = 16;

export const LatestQuery = z.strictObject({
  device_ids: z
    .string()
    .transform((list) => [...new Set(list.split(','))])
    .pipe(z.array(DeviceId).min(1).max(MAX_DEVICE_IDS))
    .optional(),
  points: wholeNumber(0, 30).default(0),
});

export interface LatestAnswer {
  readonly text: string;
  /** The answer without the ages, which change while nothing happens. */
  readonly validator: string;
}

/** The newest point of each device with its staleness, and up to 30 recent points each. */
export async function latestOf(
  stores: TenantStores,
  devices: readonly Device[],
  points: number,
  { now_ms, scan }: Pick<Visit, 'now_ms' | 'scan'>,
): Promise<LatestAnswer> {
  const rows: { text: string; validator: string }[] = [];
  await scan(devices.length <= MAX_DEVICE_IDS ? 'short' : 'long', async (turn) => {
    for (let at = 0; at < devices.length; at += DEVICES_AT_ONCE) {
      const batch = devices.slice(at, at + DEVICES_AT_ONCE);
      rows.push(...(await Promise.all(batch.map((device) => rowOf(stores, device, points, now_ms)))));
      if (turn.isOver) await turn.next();
    }
  });
  return {
    text: `{"devices":[${rows.map(({ text }) => text).join(',')}]}`,
    validator: rows.map(({ validator }) => validator).join('\n'),
  };
}

export async function allDevices(stores: TenantStores): Promise<readonly Device[]> {
  const devices: Device[] = [];
  for (;;) {
    const page = await stores.devices.list({ after: devices.at(-1)?.device_id, limit: LIST_PAGE });
    devices.push(...page);
    if (page.length < LIST_PAGE) return devices;
  }
}

async function rowOf(stores: TenantStores, device: Device, points: number, now_ms: number) {
  const recent = await newestPoints(stores, device, Math.max(1, points), now_ms);
  const newest = recent[0];
  const age_ms = newest === undefined ? null : Math.max(0, now_ms - newest.timestamp_ms);
  const status = staleness(age_ms, device.expected_interval_ms);
  const { device_id, name } = device;
  const head = JSON.stringify({ device_id, name, timestamp_ms: newest?.timestamp_ms ?? null }).slice(0, -1);
  const stable = `${head},"metrics":${newest?.metrics ?? 'null'},"status":"${status}"`;
  const tail = points === 0 ? '' : `,"points":${pointsText(recent)}`;
  return { text: `${stable},"age_ms":${String(age_ms)}${tail}}`, validator: stable + tail };
}

async function newestPoints(stores: TenantStores, device: Device, count: number, now_ms: number): Promise<Point[]> {
  const range = { start_ms: oldestKept_ms(now_ms), end_ms: now_ms + MAX_CLOCK_AHEAD_MS + 1 };
  const found: Point[] = [];
  for await (const chunk of stores.telemetry.scan(device, range, { expected: count, now_ms })) {
    found.push(...chunk.slice(0, count - found.length));
    if (found.length >= count) break;
  }
  return found;
}
