import { DeviceId } from '../model/names.ts';
import { canonicalMetrics, isMetrics, metricsFault } from '../model/point.ts';
import { MAX_CLOCK_AHEAD_MS } from '../model/retention.ts';
import type { LegacyRow, LegacyValue } from '../stores/import.ts';
import { asInstant_ms, asText } from './cells.ts';
import type { TenantRule } from './tenant.ts';

/** Why something is not stored, in words that do not differ from row to row. */
export interface Fault {
  readonly fault: string;
}

export interface DeviceRef {
  readonly tenant_id: string;
  readonly device_id: string;
}

export function deviceKey({ tenant_id, device_id }: DeviceRef): string {
  return `${tenant_id}/${device_id}`;
}

/** Whose a row is; one object for each device. */
export type RefReader = (tenant: LegacyValue, device: LegacyValue) => DeviceRef | Fault | 'other';

/** A column of nonsense must not fill the memory. */
const MAX_KNOWN = 100_000;

export function refReader(tenantOf: TenantRule): RefReader {
  const byTenant = new Map<LegacyValue, Map<LegacyValue, DeviceRef | Fault | 'other'>>();
  const byName = new Map<string, DeviceRef>();
  let known = 0;
  return (tenant, device) => {
    const found = byTenant.get(tenant)?.get(device);
    if (found !== undefined) return found;
    if (known >= MAX_KNOWN) byTenant.clear();
    known = known >= MAX_KNOWN ? 1 : known + 1;
    const ref = readRef(tenantOf, tenant, device, byName);
    const devices = byTenant.get(tenant) ?? new Map<LegacyValue, DeviceRef | Fault | 'other'>();
    byTenant.set(tenant, devices.set(device, ref));
    return ref;
  };
}

function readRef(
  tenantOf: TenantRule,
  tenant: LegacyValue,
  device: LegacyValue,
  byName: Map<string, DeviceRef>,
): DeviceRef | Fault | 'other' {
  const owner = tenantOf(tenant);
  if (owner === 'other') return 'other';
  if (owner === null) return { fault: 'tenant is not a valid name' };
  const device_id = asText(device);
  if (device_id === undefined || !DeviceId.safeParse(device_id).success) {
    return { fault: 'device_id is not a valid name' };
  }
  // 7 and '7' are one device.
  const name = JSON.stringify([owner.tenant_id, device_id]);
  const ref = byName.get(name) ?? { tenant_id: owner.tenant_id, device_id };
  byName.set(name, ref);
  return ref;
}

/** The instant of a cell in UTC epoch ms, or what is wrong with it. */
export function readTime(cell: LegacyValue, now_ms: number): number | Fault {
  const timestamp_ms = asInstant_ms(cell);
  if (timestamp_ms === undefined) return { fault: 'timestamp is not a whole number of milliseconds' };
  return timestamp_ms > now_ms + MAX_CLOCK_AHEAD_MS ? { fault: 'timestamp is in the future' } : timestamp_ms;
}

/** The canonical text of a row's metrics, whose cells begin at `from`, or why it has none. */
export type MetricsReader = (row: LegacyRow, from: number) => string | Fault;

/** One cell that is a JSON object. A member that is null has no value, as a column that is NULL has none. */
export const readJsonMetrics: MetricsReader = (row, from) => {
  const cell = row[from];
  if (typeof cell !== 'string') return { fault: 'metrics are not JSON text' };
  let parsed: unknown;
  try {
    parsed = JSON.parse(cell);
  } catch {
    return { fault: 'metrics are not JSON text' };
  }
  return isRecord(parsed) ? checked(parsed) : { fault: 'metrics are no JSON object' };
};

/** A cell for each of `names`. */
export function columnMetricsReader(names: readonly string[]): MetricsReader {
  return (row, from) => checked(Object.fromEntries(names.map((name, at) => [name, row[from + at] ?? null])));
}

function checked(members: Readonly<Record<string, unknown>>): string | Fault {
  if (isMetrics(members)) return canonicalMetrics(members);
  const metrics = withoutNulls(members);
  if (isMetrics(metrics)) return canonicalMetrics(metrics);
  return { fault: metricsFault(metrics) ?? 'metrics are not valid' };
}

function withoutNulls(members: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
