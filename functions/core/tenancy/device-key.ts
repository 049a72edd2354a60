import { timingSafeEqual } from 'node:crypto';
import { withUntold } from '../audit/refusals.ts';
import { HOUR_MS } from '../clock.ts';
import { Problem } from '../errors.ts';
import type { Exchange } from '../http/exchange.ts';
import { sha256, type Ids } from '../ids.ts';
import type { Device, DeviceKey } from '../model/entities.ts';
import type { Stores } from '../stores/contracts.ts';
import { deviceForbidden, requireSameTenant, type WriterAccess } from './access.ts';

/** RFC 9110: the scheme's name may be written in any case. */
const TOKEN = /^[Bb][Ee][Aa][Rr][Ee][Rr] bas_([0-9a-f]{32})_([A-Za-z0-9_-]{43})$/;
/** The key's and the device's last use are written at most this often: they are for people, not for billing. */
export const TOUCH_MS = HOUR_MS;

/** A new key for `device`: what is stored, and the text its owner sees once. */
export function newDeviceKey(ids: Ids, device: { tenant_id: string; device_id: string }, now_ms: number) {
  const key_id = ids.keyId();
  const secret = ids.secret();
  const { tenant_id, device_id } = device;
  const secret_sha256 = sha256(secret);
  const key: DeviceKey = { key_id, tenant_id, device_id, secret_sha256, created_ms: now_ms, revoked_ms: null };
  return { key, text: `bas_${key_id}_${secret}` };
}

export function hasBearer(exchange: Exchange): boolean {
  return exchange.request.header('authorization') !== undefined;
}

/** 401 unless the Authorization header carries a live key; 403 unless the tenant header names the key's tenant. */
export async function authenticateDevice(exchange: Exchange): Promise<WriterAccess> {
  const found = TOKEN.exec(exchange.request.header('authorization') ?? '');
  if (found === null) throw liveKeyNeeded();
  const [, key_id = '', secret = ''] = found;
  const stores = await exchange.stores();
  const key = await stores.credentials.findKey(key_id);
  if (key === null) throw liveKeyNeeded();
  const tenant = await stores.tenants.get(key.tenant_id);
  const proven = sameDigest(sha256(secret), key.secret_sha256);
  if (!proven || key.revoked_ms !== null || tenant === null || tenant.disabled) {
    await tellFailedUse(exchange, stores, key, proven && key.revoked_ms !== null ? 'revoked key' : 'unauthenticated');
    throw liveKeyNeeded();
  }
  exchange.proven.device_id = key.device_id;
  requireSameTenant(exchange, key.tenant_id);
  return deviceWriter(exchange, stores, key);
}

function liveKeyNeeded(): Problem {
  return new Problem('unauthenticated', 'Send Authorization: Bearer with a live key of this device.');
}

function deviceWriter(exchange: Exchange, stores: Stores, key: DeviceKey): WriterAccess {
  const own = stores.forTenant(key.tenant_id);
  return {
    stores: own,
    async writable(device_id) {
      if (device_id !== key.device_id) throw deviceForbidden(device_id);
      const device = await own.devices.get(device_id);
      if (device === null || device.disabled) throw deviceForbidden(device_id);
      if (needsTouch(device, key, exchange.now_ms)) await own.devices.touch(device_id, key.key_id, exchange.now_ms);
      return device;
    },
  };
}

function needsTouch(device: Device, key: DeviceKey, now_ms: number): boolean {
  const used_ms = device.keys.find(({ key_id }) => key_id === key.key_id)?.last_used_ms ?? null;
  return used_ms === null || now_ms - used_ms >= TOUCH_MS;
}

/** A known key used wrongly is told in its own tenant's log: a leaked or half-rotated key shows there. */
async function tellFailedUse(exchange: Exchange, stores: Stores, key: DeviceKey, reason: string): Promise<void> {
  exchange.refusal_told = true;
  const untold = exchange.suite.refusals.admit(`key ${key.key_id}`);
  if (untold === null) return;
  const detail = withUntold(reason, untold);
  const facts = { device_id: key.device_id, target: key.key_id, detail };
  await stores.forTenant(key.tenant_id).audit.append(exchange.event(key.tenant_id, 'key.use', 'failure', facts));
}

function sameDigest(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
