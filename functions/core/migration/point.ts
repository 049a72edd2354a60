import { DeviceId } from '../model/names.ts';
import { canonicalMetrics, isMetrics, metricsFault } from '../model/point.ts';
import { MAX_CLOCK_AHEAD_MS } from '../model/retention.ts';
import type { LegacyRow, LegacyValue } from '../stores/import.ts';
import { asInstant_ms, asText } from './cells.ts';
import type { TenantRule } from './tenant.ts';

/** Which device and instant a row tells of, or why it tells of none. */
export type Place =
  | { readonly tenant_id: string; readonly device_id: string; readonly timestamp_ms: number }
  | { readonly fault: string }
  | 'other';

/** Reads the first three cells of a row: tenant, device, time. */
export function placeReader(tenantOf: TenantRule, now_ms: number): (...cells: readonly LegacyValue[]) => Place {
  const known = new Map<string, boolean>();
  const isDeviceId = (text: string): boolean => {
    const verdict = known.get(text) ?? DeviceId.safeParse(text).success;
    // A column of nonsense must not fill the memory.
    if (known.size < 10_000) known.set(text, verdict);
    return verdict;
  };
  return (tenant = null, device = null, time = null) => {
    const owner = tenantOf(tenant);
    if (owner === 'other') return 'other';
    if (owner === null) return { fault: 'tenant is not a valid name' };
    const device_id = asText(device);
    if (device_id === undefined || !isDeviceId(device_id)) return { fault: 'device_id is not a valid name' };
    const timestamp_ms = asInstant_ms(time);
    if (timestamp_ms === undefined) return { fault: 'timestamp is not a whole number of milliseconds' };
    if (timestamp_ms > now_ms + MAX_CLOCK_AHEAD_MS) return { fault: 'timestamp is in the future' };
    return { tenant_id: owner.tenant_id, device_id, timestamp_ms };
  };
}

/** The canonical text of a row's metrics, or why it has none. */
export type MetricsReading = { readonly metrics: string } | { readonly fault: string };
export type MetricsReader = (cells: LegacyRow) => MetricsReading;

/** One cell that is a JSON object. A member that is null has no value, as a column that is NULL has none. */
export const readJsonMetrics: MetricsReader = ([cell = null]) => {
  if (typeof cell !== 'string') return { fault: 'metrics are not JSON text' };
  let parsed: unknown;
  try {
    parsed = JSON.parse(cell);
  } catch {
    return { fault: 'metrics are not JSON text' };
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return { fault: 'metrics are no JSON object' };
  return checked(Object.entries(parsed));
};

/** A cell for each of `names`. */
export function columnMetricsReader(names: readonly string[]): MetricsReader {
  return (cells) => checked(names.map((name, at) => [name, cells[at] ?? null]));
}

function checked(members: readonly (readonly [string, unknown])[]): MetricsReading {
  const metrics = Object.fromEntries(members.filter(([, value]) => value !== null));
  if (isMetrics(metrics)) return { metrics: canonicalMetrics(metrics) };
  return { fault: metricsFault(metrics) ?? 'metrics are not valid' };
}
