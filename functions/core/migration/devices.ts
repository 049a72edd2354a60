import { DAY_MS, SECOND_MS } from '../clock.ts';
import { storeUnavailable } from '../errors.ts';
import { firstWidths } from '../model/bucket.ts';
import type { Device } from '../model/entities.ts';
import { oldestKept_ms } from '../model/retention.ts';
import type { ImportStore, LegacyFile } from '../stores/import.ts';
import type { PointTable } from './point-table.ts';
import { readTime, type DeviceRef } from './point.ts';

/** So many gaps between points tell how often a device reports. */
const GAPS = 255;

export function deviceKey({ tenant_id, device_id }: DeviceRef): string {
  return `${tenant_id}/${device_id}`;
}

interface Met extends DeviceRef {
  readonly gaps_ms: number[];
  points: number;
  last_ms: number;
  oldest_ms: number;
  newest_ms: number;
}

/**
 * Every device that the asked time tells of, as it will be registered, by tenant and id. One pass over the rows in the
 * order they lie, in memory that grows with devices alone.
 */
export function surveyDevices(
  legacy: LegacyFile,
  { read, refOf }: PointTable,
  { from_ms, now_ms }: { readonly from_ms: number; readonly now_ms: number },
): readonly Device[] {
  const met = new Map<DeviceRef, Met>();
  const [tenant = null, device = null, time = null] = read.columns;
  const since = time === null ? undefined : { column: time, from: from_ms };
  const oldest_ms = Math.max(from_ms, oldestKept_ms(now_ms));
  for (const row of legacy.rows({ table: read.table, columns: [tenant, device, time], order_by: [], since })) {
    const ref = refOf(row[0] ?? null, row[1] ?? null);
    if (ref === 'other' || 'fault' in ref) continue;
    const timestamp_ms = readTime(row[2] ?? null, now_ms);
    if (typeof timestamp_ms === 'number' && timestamp_ms >= oldest_ms) meet(met, ref, timestamp_ms);
  }
  const devices = [...met.values()].map(toDevice);
  return devices.sort((a, b) => (deviceKey(a) < deviceKey(b) ? -1 : 1));
}

function meet(met: Map<DeviceRef, Met>, ref: DeviceRef, timestamp_ms: number): void {
  const known = met.get(ref);
  if (known === undefined) {
    const times = { last_ms: timestamp_ms, oldest_ms: timestamp_ms, newest_ms: timestamp_ms };
    met.set(ref, { ...ref, gaps_ms: [], points: 1, ...times });
    return;
  }
  const gap_ms = Math.abs(timestamp_ms - known.last_ms);
  if (gap_ms > 0 && known.gaps_ms.length < GAPS) known.gaps_ms.push(gap_ms);
  known.points += 1;
  known.last_ms = timestamp_ms;
  known.oldest_ms = Math.min(known.oldest_ms, timestamp_ms);
  known.newest_ms = Math.max(known.newest_ms, timestamp_ms);
}

/** Its times are its data's, not the migration's: then every run registers the same device. */
function toDevice(met: Met): Device {
  const expected_interval_ms = intervalOf(met);
  return {
    tenant_id: met.tenant_id,
    device_id: met.device_id,
    name: met.device_id,
    tags: {},
    expected_interval_ms,
    widths: firstWidths(expected_interval_ms),
    disabled: false,
    last_seen_ms: met.newest_ms,
    created_ms: met.oldest_ms,
    keys: [],
  };
}

/**
 * The median gap, or the mean where that is shorter: an outage stretches the mean, rows out of order stretch the gaps.
 * Within what a device may declare; null for a device that was heard of once.
 */
function intervalOf({ gaps_ms, points, oldest_ms, newest_ms }: Met): number | null {
  const median_ms = gaps_ms.toSorted((a, b) => a - b)[Math.floor(gaps_ms.length / 2)];
  if (median_ms === undefined) return null;
  const interval_ms = Math.min(median_ms, (newest_ms - oldest_ms) / (points - 1));
  const step_ms = interval_ms < SECOND_MS ? 100 : SECOND_MS;
  return Math.min(7 * DAY_MS, Math.max(100, Math.round(interval_ms / step_ms) * step_ms));
}

export interface Registration {
  readonly store: ImportStore;
  /** A box whose devices are the same ones, when the store is the Firestore that it moves to. */
  readonly box: ImportStore | null;
  readonly dry_run: boolean;
}

/**
 * Registers the devices met, unless in a dry run, and answers each as it is stored. What shares a bucket follows from the
 * device, so one that the box knows is registered as it is there: both stores must file a point alike.
 */
export async function registerDevices(
  devices: readonly Device[],
  { store, box, dry_run }: Registration,
): Promise<Map<string, Device>> {
  const stored = new Map<string, Device>();
  for (const met of devices) {
    const { tenant_id, device_id } = met;
    const known = await store.device(tenant_id, device_id);
    const wanted = { ...((known === null && (await box?.device(tenant_id, device_id))) || met), keys: [] };
    if (known === null && !dry_run) await store.registerDevice(wanted);
    // Another process may have been first.
    const registered = known ?? (dry_run ? wanted : await store.device(tenant_id, device_id));
    if (registered === null) throw storeUnavailable(new Error(`${device_id} was registered and is not there`));
    stored.set(deviceKey(met), registered);
  }
  return stored;
}
