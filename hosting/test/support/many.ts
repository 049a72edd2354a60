/** A tenant with as many devices as a large building has. */
import assert from 'node:assert/strict';
import type { House } from './house.ts';

const AT_ONCE = 8;

export interface Registered {
  readonly device_id: string;
  readonly key: string;
}

/** What an operator sends to register a device. */
export interface Registration {
  readonly device_id: string;
  readonly name?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly expected_interval_ms?: number;
  readonly disabled?: boolean;
}

/** Registers devices of a demo's tenant as its operator. */
export async function register(
  house: House,
  devices: readonly Registration[],
  tenant = 0,
): Promise<readonly Registered[]> {
  const { tenant_id, username, password } = house.credentials('operator', tenant);
  const headers = { 'x-bas-tenant': tenant_id, 'content-type': 'application/json' };
  const login = await fetch(`${house.url}/v1/login`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ username, password }),
  });
  const cookie = login.headers.get('set-cookie')?.split(';')[0] ?? assert.fail('no cookie');
  const one = async (device: Registration): Promise<Registered> => {
    const init = { method: 'POST', headers: { ...headers, cookie }, body: JSON.stringify(device) };
    const response = await fetch(`${house.url}/v1/devices`, init);
    assert.equal(response.status, 201, await response.clone().text());
    const { key } = (await response.json()) as { key: string };
    return { device_id: device.device_id, key };
  };
  const registered: Registered[] = [];
  for (let at = 0; at < devices.length; at += AT_ONCE) {
    registered.push(...(await Promise.all(devices.slice(at, at + AT_ONCE).map(one))));
  }
  return registered;
}

export interface SentPoint {
  readonly timestamp_ms: number;
  readonly metrics: Readonly<Record<string, number | boolean | string>>;
}

/** Points of a registered device, by its key. */
export async function send(
  house: House,
  { device_id, key }: Registered,
  points: readonly SentPoint[],
  tenant = 0,
): Promise<void> {
  const { tenant_id } = house.credentials('operator', tenant);
  const response = await fetch(`${house.url}/v1/telemetry`, {
    method: 'POST',
    headers: { 'x-bas-tenant': tenant_id, authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ device_id, points }),
  });
  assert.equal(response.status, 200, await response.text());
}
