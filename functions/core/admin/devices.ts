import { SetupError } from '../errors.ts';
import { firstWidths } from '../model/bucket.ts';
import { MAX_LIVE_KEYS } from '../model/device-keys.ts';
import type { Device, DeviceKey, Tags } from '../model/entities.ts';
import type { TenantStores } from '../stores/contracts.ts';
import type { Suite } from '../suite.ts';
import { newDeviceKey } from '../tenancy/device-key.ts';
import { tenantStores } from './access.ts';
import { everyRow } from '../stores/every-row.ts';
import { adminEvent } from './events.ts';

export interface IssuedKey {
  readonly device_id: string;
  /** Shown once: only its SHA-256 is stored. */
  readonly key: string;
}

export interface KeyOrder {
  readonly tenant_id: string;
  /** All devices of the tenant when empty. */
  readonly device_ids: readonly string[];
  /** Registers devices that are not known yet, instead of refusing the order. */
  readonly register: boolean;
}

/** Checks the whole order first, so that a typing error in the last device leaves no key behind. */
export async function issueKeys(suite: Suite, order: KeyOrder): Promise<readonly IssuedKey[]> {
  const own = await tenantStores(suite, order.tenant_id);
  const device_ids = order.device_ids.length > 0 ? [...new Set(order.device_ids)] : await allDeviceIds(own);
  if (device_ids.length === 0) {
    throw new SetupError(`The tenant ${order.tenant_id} has no device: name one with --device and add --register.`);
  }
  for (const device_id of device_ids) checkOrder(device_id, await own.devices.get(device_id), order.register);
  const issued: IssuedKey[] = [];
  for (const device_id of device_ids) issued.push({ device_id, key: await issueKey(suite, own, device_id) });
  return issued;
}

async function allDeviceIds(own: TenantStores): Promise<readonly string[]> {
  const devices = await everyRow(
    (page) => own.devices.list(page),
    (device) => device.device_id,
  );
  return devices.map(({ device_id }) => device_id);
}

function checkOrder(device_id: string, device: Device | null, register: boolean): void {
  if (device === null && !register) {
    throw new SetupError(`There is no device ${device_id}: check its name, or add --register to register it.`);
  }
  if (device !== null && device.keys.length >= MAX_LIVE_KEYS) {
    throw new SetupError(
      `${device_id} has ${MAX_LIVE_KEYS} live keys: revoke one with revoke-key first; list shows them.`,
    );
  }
}

async function issueKey(suite: Suite, own: TenantStores, device_id: string): Promise<string> {
  const { key, text } = newDeviceKey(suite.ids, { tenant_id: own.tenant_id, device_id }, suite.clock.now_ms());
  if (await registerDevice(suite, own, { device_id, key })) return text;
  const event = adminEvent(suite, own.tenant_id, 'key.issue', { device_id, target: key.key_id });
  const outcome = await own.devices.issueKey(key, event);
  if (outcome !== 'issued')
    throw new SetupError(`${device_id} got no key (${outcome}): somebody else changed it; try again.`);
  return text;
}

export interface KeyName {
  readonly tenant_id: string;
  readonly device_id: string;
  readonly key_id: string;
}

/** The key stops working at once, wherever it is. */
export async function revokeKey(suite: Suite, { tenant_id, device_id, key_id }: KeyName): Promise<void> {
  const own = await tenantStores(suite, tenant_id);
  const event = adminEvent(suite, tenant_id, 'key.revoke', { device_id, target: key_id });
  if ((await own.devices.revokeKey(device_id, key_id, event)) === 'revoked') return;
  throw new SetupError(`The device ${device_id} of ${tenant_id} has no live key ${key_id}: list shows those it has.`);
}

export interface NewDevice {
  readonly device_id: string;
  readonly key: DeviceKey;
  readonly name?: string;
  readonly tags?: Tags;
  readonly expected_interval_ms?: number;
}

/** Registers a device with its first key; false when it was registered before. */
export async function registerDevice(suite: Suite, own: TenantStores, wanted: NewDevice): Promise<boolean> {
  const { device_id, key } = wanted;
  if ((await own.devices.get(device_id)) !== null) return false;
  const { tenant_id } = own;
  const expected_interval_ms = wanted.expected_interval_ms ?? null;
  const device: Device = {
    tenant_id,
    device_id,
    name: wanted.name ?? device_id,
    tags: wanted.tags ?? {},
    expected_interval_ms,
    widths: firstWidths(expected_interval_ms),
    disabled: false,
    last_seen_ms: null,
    created_ms: key.created_ms,
    keys: [{ key_id: key.key_id, created_ms: key.created_ms, last_used_ms: null }],
  };
  const event = adminEvent(suite, tenant_id, 'device.create', { device_id, target: key.key_id });
  return (await own.devices.create(device, key, event)) === 'created';
}
