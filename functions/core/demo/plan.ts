import { HOUR_MS, MINUTE_MS } from '../clock.ts';
import type { Ids } from '../ids.ts';
import type { Tags } from '../model/entities.ts';
import { SYSTEM_TENANT } from '../model/names.ts';
import type { Role } from '../model/role.ts';
import { newDeviceKey } from '../tenancy/device-key.ts';
import type { Outage } from './controller.ts';
import type { Demo } from './file.ts';
import type { Kind } from './measure.ts';

export interface DemoDevice {
  readonly name: string;
  readonly tags: Tags;
  readonly expected_interval_ms: number;
  /** What it measures. */
  readonly kind: Kind;
  readonly outage?: Outage;
}

const ROLES: readonly Role[] = ['admin', 'operator', 'viewer'];

const OFTEN_MS = MINUTE_MS;
const SELDOM_MS = 5 * MINUTE_MS;

const ACME: Readonly<Record<string, DemoDevice>> = {
  'ahu-1': {
    name: 'Air handling unit 1',
    tags: { floor: 'roof', kind: 'ahu' },
    expected_interval_ms: OFTEN_MS,
    kind: 'ahu',
  },
  'room-101': {
    name: 'Room 101',
    tags: { floor: '1', kind: 'room' },
    expected_interval_ms: OFTEN_MS,
    kind: 'room',
  },
  'meter-main': {
    name: 'Main meter',
    tags: { floor: '0', kind: 'meter' },
    expected_interval_ms: SELDOM_MS,
    kind: 'power_meter',
    outage: { every_ms: 4 * HOUR_MS, lasts_ms: 45 * MINUTE_MS },
  },
};

const GLOBEX: Readonly<Record<string, DemoDevice>> = {
  'chiller-1': {
    name: 'Chiller 1',
    tags: { floor: 'roof', kind: 'chiller' },
    expected_interval_ms: OFTEN_MS,
    kind: 'chiller',
  },
  'room-201': {
    name: 'Room 201',
    tags: { floor: '2', kind: 'room' },
    expected_interval_ms: OFTEN_MS,
    kind: 'room',
    outage: { every_ms: 2 * HOUR_MS, lasts_ms: 40 * MINUTE_MS },
  },
  'meter-heat': {
    name: 'Heat meter',
    tags: { floor: '0', kind: 'meter' },
    expected_interval_ms: SELDOM_MS,
    kind: 'heat_meter',
  },
};

/** No id is used by both tenants, so that whoever reads the other's device by mistake sees that it is not theirs. */
const TENANTS: Readonly<Record<string, Readonly<Record<string, DemoDevice>>>> = { acme: ACME, globex: GLOBEX };

export function demoDevice(tenant_id: string, device_id: string): DemoDevice | undefined {
  return TENANTS[tenant_id]?.[device_id];
}

/** A demo with fresh passwords and keys, before anything of it is stored. */
export function planDemo(ids: Ids, base_url: string): Demo {
  const password = (): string => ids.secret().slice(0, 24);
  return {
    base_url,
    platform_admin: { tenant_id: SYSTEM_TENANT, username: 'platform', password: password() },
    tenants: Object.entries(TENANTS).map(([tenant_id, devices]) => ({
      tenant_id,
      users: ROLES.map((role) => ({ username: role, password: password(), role })),
      devices: Object.keys(devices).map((device_id) => ({
        device_id,
        key: newDeviceKey(ids, { tenant_id, device_id }, 0).text,
      })),
    })),
  };
}
