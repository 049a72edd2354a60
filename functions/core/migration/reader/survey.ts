import { DAY_MS, SECOND_MS } from '../../clock.ts';
import { firstWidths } from '../../model/bucket.ts';
import type { Device } from '../../model/entities.ts';
import { MAX_CLOCK_AHEAD_MS, oldestKept_ms } from '../../model/retention.ts';
import type { LegacyFile, LegacySpans } from '../../stores/import.ts';
import { asInstant_ms } from '../cells.ts';
import { pointTable, type PointTable, type TelemetryOptions } from '../point-table.ts';
import { deviceKey, type DeviceRef } from '../point.ts';

/** So many gaps between points tell how often a device reports. */
const GAPS = 255;

interface Met extends DeviceRef {
  points: number;
  oldest_ms: number;
  newest_ms: number;
  last_ms: number | null;
  readonly gaps_ms: number[];
}

type Window = Pick<LegacySpans, 'column' | 'from' | 'until'>;

/** Every device that the asked time tells of, as it will be registered, by tenant and id; in memory of devices alone. */
export function surveyDevices(legacy: LegacyFile, options: TelemetryOptions): readonly Device[] {
  const { mapping, from_ms, now_ms } = options;
  const table = pointTable(legacy, options);
  const window = {
    column: mapping.timestamp_ms,
    from: Math.max(from_ms, oldestKept_ms(now_ms)),
    until: now_ms + MAX_CLOCK_AHEAD_MS,
  };
  const met = meetDevices(legacy, table, window);
  collectGaps(legacy, table, window, met);
  const devices = [...met.values()].map(toDevice);
  return devices.sort((a, b) => (deviceKey(a) < deviceKey(b) ? -1 : 1));
}

function meetDevices(legacy: LegacyFile, { read, refOf }: PointTable, window: Window): Map<DeviceRef, Met> {
  const met = new Map<DeviceRef, Met>();
  const [tenant = null, device = null] = read.columns;
  for (const row of legacy.spans({ ...window, table: read.table, by: [tenant, device] })) {
    const ref = refOf(row[0] ?? null, row[1] ?? null);
    if (ref === 'other' || 'fault' in ref) continue;
    const [points, oldest_ms, newest_ms] = [Number(row[2]), Math.ceil(Number(row[3])), Math.floor(Number(row[4]))];
    const known = met.get(ref) ?? { ...ref, points: 0, oldest_ms, newest_ms, last_ms: null, gaps_ms: [] };
    known.points += points;
    known.oldest_ms = Math.min(known.oldest_ms, oldest_ms);
    known.newest_ms = Math.max(known.newest_ms, newest_ms);
    met.set(ref, known);
  }
  return met;
}

/** Between neighbours as the rows lie, until there are enough of every device. */
function collectGaps(
  legacy: LegacyFile,
  { read, refOf }: PointTable,
  { column, from, until }: Window,
  met: ReadonlyMap<DeviceRef, Met>,
): void {
  const [tenant = null, device = null] = read.columns;
  const columns = [tenant, device, column];
  let lacking = met.size;
  for (const row of legacy.rows({ table: read.table, columns, order_by: [], since: { column, from } })) {
    const ref = refOf(row[0] ?? null, row[1] ?? null);
    const known = ref === 'other' || 'fault' in ref ? undefined : met.get(ref);
    const timestamp_ms = asInstant_ms(row[2] ?? null);
    if (known === undefined || timestamp_ms === undefined || timestamp_ms > until) continue;
    const gap_ms = Math.abs(timestamp_ms - (known.last_ms ?? timestamp_ms));
    known.last_ms = timestamp_ms;
    if (gap_ms === 0 || known.gaps_ms.length === GAPS) continue;
    known.gaps_ms.push(gap_ms);
    if (known.gaps_ms.length === Math.min(GAPS, known.points - 1)) lacking -= 1;
    if (lacking === 0) break;
  }
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
