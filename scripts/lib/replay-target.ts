/** Where replayed points go: a service and a device key of one's own, or those of the demo. */
import { readDemo, type Demo } from '@bas/core/demo/file';
import { SetupError } from '@bas/core/errors';
import type { DeviceTarget } from '@bas/core/replay/post';
import { join } from 'node:path';
import { UsageError } from './cli.ts';

export interface TargetOptions {
  readonly url: string | undefined;
  readonly tenant: string | undefined;
  readonly device: string;
  /** Folders of demo.json; the first that has one counts. */
  readonly folders: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

export async function findTarget({ url, tenant, device, folders, env }: TargetOptions): Promise<DeviceTarget> {
  const tenant_header = env['TENANT_ID_HEADER'] ?? 'X-BAS-Tenant';
  const own_key = env['BAS_DEVICE_KEY'];
  const own_url = url === undefined ? undefined : checkedUrl(url);
  const demo = await firstDemo(folders);
  if (demo === null && (own_url === undefined || own_key === undefined)) throw new SetupError(noDemo(folders));
  const known = demo === null ? undefined : demoDevice(demo, device, tenant);
  const base_url = own_url ?? demo?.base_url;
  const tenant_id = tenant ?? known?.tenant_id;
  const key = own_key ?? known?.key;
  if (base_url === undefined || key === undefined) throw new SetupError(whereKeysAre(demo, device, tenant));
  if (tenant_id === undefined) throw new UsageError(`--tenant is missing: whose device is ${device}?`);
  return { base_url, tenant_header, tenant_id, device_id: device, key };
}

async function firstDemo(folders: readonly string[]): Promise<Demo | null> {
  for (const folder of folders) {
    const demo = await readDemo(join(folder, 'demo.json'));
    if (demo !== null) return demo;
  }
  return null;
}

function noDemo(folders: readonly string[]): string {
  return `There is no demo.json in ${folders.join(' or ')}: start the demo, or give --url and BAS_DEVICE_KEY.`;
}

function demoDevices(demo: Demo) {
  return demo.tenants.flatMap(({ tenant_id, devices }) => devices.map((device) => ({ tenant_id, ...device })));
}

function demoDevice(demo: Demo, device_id: string, tenant: string | undefined) {
  return demoDevices(demo).find(
    (device) => device.device_id === device_id && (tenant === undefined || tenant === device.tenant_id),
  );
}

/** The service's address alone: a path would be left out unseen. */
function checkedUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^https?:$/.test(parsed.protocol))
    throw new UsageError(`--url must begin with http:// or https://, not ${JSON.stringify(url)}.`);
  if (parsed.pathname !== '/' || parsed.search !== '' || parsed.hash !== '')
    throw new UsageError(`--url must end after the port, such as ${parsed.origin}, not ${JSON.stringify(url)}.`);
  return url;
}

function whereKeysAre(demo: Demo | null, device: string, tenant: string | undefined): string {
  const devices = demo === null ? [] : demoDevices(demo);
  const owner = devices.find(({ device_id }) => device_id === device)?.tenant_id;
  if (owner !== undefined)
    return `The device ${device} of the demo belongs to the tenant ${owner}, not ${String(tenant)}: give --tenant ${owner}, or none.`;
  const ids = devices.map(({ tenant_id, device_id }) => `${tenant_id}/${device_id}`);
  return `The demo has no such device ${device}: use one of ${ids.join(', ')}, or put a key into BAS_DEVICE_KEY.`;
}
