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
  /** Folder of demo.json. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export async function findTarget({ url, tenant, device, folder, env }: TargetOptions): Promise<DeviceTarget> {
  const tenant_header = env['TENANT_ID_HEADER'] ?? 'X-BAS-Tenant';
  const own_key = env['BAS_DEVICE_KEY'];
  const file = join(folder, 'demo.json');
  const demo = await readDemo(file);
  const known = demo === null ? undefined : demoDevice(demo, device, tenant);
  const base_url = checkedUrl(url ?? demo?.base_url);
  const tenant_id = tenant ?? known?.tenant_id;
  const key = own_key ?? known?.key;
  if (key === undefined) throw new SetupError(whereKeysAre(demo, device, file));
  if (tenant_id === undefined) throw new UsageError(`--tenant is missing: whose device is ${device}?`);
  return { base_url, tenant_header, tenant_id, device_id: device, key };
}

function demoDevice(demo: Demo, device_id: string, tenant: string | undefined) {
  const tenants = demo.tenants.filter(({ tenant_id }) => tenant === undefined || tenant_id === tenant);
  const found = tenants.flatMap(({ tenant_id, devices }) => devices.map((device) => ({ tenant_id, ...device })));
  return found.find((device) => device.device_id === device_id);
}

function checkedUrl(url: string | undefined): string {
  if (url === undefined) throw new UsageError('--url is missing: where does the service listen?');
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw new UsageError(`--url must begin with http:// or https://, not ${JSON.stringify(url)}.`);
}

function whereKeysAre(demo: Demo | null, device: string, file: string): string {
  if (demo === null)
    return `No device key: put it into BAS_DEVICE_KEY, or name the folder of a demo with --data (no ${file}).`;
  const ids = demo.tenants.flatMap(({ tenant_id, devices }) =>
    devices.map(({ device_id }) => `${tenant_id}/${device_id}`),
  );
  return `The demo has no such device ${device}: use one of ${ids.join(', ')}, or put a key into BAS_DEVICE_KEY.`;
}
