import * as z from 'zod';
import { Problem } from '../errors.ts';
import type { Visit } from '../http/exchange.ts';
import { cutPage, type ListQuery } from '../http/paging.ts';
import { parseInput } from '../http/query.ts';
import { firstWidths } from '../model/bucket.ts';
import { decodeCursor, encodeCursor } from '../model/cursor.ts';
import { MAX_LIVE_KEYS } from '../model/device-keys.ts';
import type { Device, DeviceKeyInfo } from '../model/entities.ts';
import { DeviceId } from '../model/names.ts';
import type { TenantStores } from '../stores/contracts.ts';
import { deviceForbidden } from '../tenancy/access.ts';
import { newDeviceKey } from '../tenancy/device-key.ts';
import type { DeviceBody, DevicePatchBody } from './body.ts';

/** A device as outsiders see it: without its tenant and the history of its bucket widths. */
export function deviceAnswer(device: Device) {
  const { device_id, name, tags, expected_interval_ms, disabled, last_seen_ms, keys } = device;
  return { device_id, name, tags, expected_interval_ms, disabled, last_seen_ms, keys };
}

/** The devices with their keys, for whoever manages them. */
export function listDevices(stores: TenantStores, query: ListQuery, visit: Visit) {
  return pageOf(stores, query, visit, deviceAnswer);
}

/** A device for whoever looks at its telemetry: without its keys. */
export function shownDevice({ device_id, name, tags, expected_interval_ms, disabled }: Device) {
  return { device_id, name, tags, expected_interval_ms, disabled };
}

/** What there is to look at, for whoever may look. */
export function listShownDevices(stores: TenantStores, query: ListQuery, visit: Visit) {
  return pageOf(stores, query, visit, shownDevice);
}

async function pageOf<T>(stores: TenantStores, query: ListQuery, visit: Visit, shape: (device: Device) => T) {
  const { cursor, ...identity } = query;
  const scope = { tenant_id: stores.tenant_id, function: visit.function_name, query: identity };
  const after = cursor === undefined ? undefined : decodeCursor(scope, DeviceId, cursor);
  const found = await stores.devices.list({ after, limit: query.limit + 1 });
  const { rows, next_cursor } = cutPage(found, query.limit, (last) => encodeCursor(scope, last.device_id));
  return { devices: rows.map(shape), next_cursor };
}

/** Registers a device with its first key, which is shown here and never again. */
export async function registerDevice(stores: TenantStores, body: z.infer<typeof DeviceBody>, visit: Visit) {
  const { now_ms } = visit;
  const { key, text } = newDeviceKey(visit.ids, { tenant_id: stores.tenant_id, ...body }, now_ms);
  const device: Device = {
    tenant_id: stores.tenant_id,
    ...body,
    name: body.name ?? body.device_id,
    widths: firstWidths(body.expected_interval_ms),
    last_seen_ms: null,
    created_ms: now_ms,
    keys: [{ key_id: key.key_id, created_ms: now_ms, last_used_ms: null }],
  };
  const event = visit.event(stores.tenant_id, 'device.create', 'success', { device_id: device.device_id });
  if ((await stores.devices.create(device, key, event)) === 'exists') {
    throw new Problem('already_exists', 'A device with this id is registered; PATCH it instead.');
  }
  return { ...deviceAnswer(device), key: text };
}

export async function updateDevice(
  stores: TenantStores,
  device_id: string,
  patch: z.infer<typeof DevicePatchBody>,
  visit: Visit,
) {
  const detail = Object.keys(patch).sort().join(',');
  const event = visit.event(stores.tenant_id, 'device.update', 'success', { device_id, detail });
  const device = await stores.devices.update(device_id, patch, visit.now_ms, event);
  if (device === null) throw deviceForbidden(device_id);
  return deviceAnswer(device);
}

/** A further key, so that a device can be moved to it before the old one is revoked. */
export async function issueDeviceKey(stores: TenantStores, device_id: string, visit: Visit) {
  const { key, text } = newDeviceKey(visit.ids, { tenant_id: stores.tenant_id, device_id }, visit.now_ms);
  const facts = { device_id, target: key.key_id };
  const outcome = await stores.devices.issueKey(key, visit.event(stores.tenant_id, 'key.issue', 'success', facts));
  if (outcome === 'no_device') throw deviceForbidden(device_id);
  if (outcome === 'too_many_keys') {
    const detail = `A device has at most ${String(MAX_LIVE_KEYS)} live keys; revoke one first.`;
    throw new Problem('precondition_failed', detail);
  }
  const info: DeviceKeyInfo = { key_id: key.key_id, created_ms: key.created_ms, last_used_ms: null };
  return { ...info, key: text };
}

export async function revokeDeviceKey(stores: TenantStores, device_id: string, key_id: string, visit: Visit) {
  parseInput(key_id, z.string().regex(/^[0-9a-f]{32}$/, 'is not a key id'), 'key_id');
  const facts = { device_id, target: key_id };
  const event = visit.event(stores.tenant_id, 'key.revoke', 'success', facts);
  if ((await stores.devices.revokeKey(device_id, key_id, event)) === 'not_found') {
    throw new Problem('not_found', 'The device has no live key with this id.');
  }
}
