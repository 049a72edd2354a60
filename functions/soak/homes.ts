/** What is put under load: a box on SQLite, and one instance of a function on Firestore, each with two tenants. */
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '@bas/core/config';
import { readDemo, type Demo } from '@bas/core/demo/file';
import { seedDemo } from '@bas/core/demo/seed';
import { silentLogger } from '@bas/core/observability/log';
import { createSuite } from '@bas/core/suite';
import { functionsDir } from '../../scripts/lib/paths.ts';
import { HttpClient, type Headers } from '../test/support/client.ts';
import { serve } from '../test/support/command.ts';
import { startFunction } from '../test/deploy/deployed.ts';
import { deviceCaller, signIn } from '../test/support/people.ts';

const HISTORY_MS = 60_000;
const POINTS = 500;

/** A tenant with a viewer who has signed in. */
export interface Tenant {
  readonly tenant_id: string;
  readonly devices: readonly { readonly device_id: string; readonly key: string }[];
  /** What every request of the viewer carries. */
  readonly viewer: Headers;
}

export interface SoakedHome {
  readonly name: string;
  readonly url: string;
  readonly tenants: readonly [Tenant, Tenant];
  readonly demo: Demo;
  /** What the process holds in memory now. */
  rss_bytes(): number;
  close(): Promise<void>;
}

export async function openBox(): Promise<SoakedHome> {
  const folder = mkdtempSync(join(tmpdir(), 'bas-soak-'));
  const served = await serve(['--demo', '--data', folder]);
  const demo = await readDemo(join(folder, 'demo.json'));
  if (demo === null) throw new Error('The demo was not made.');
  return {
    name: 'a box on SQLite',
    url: served.url,
    demo,
    tenants: await openTenants(demo, served.url, served.url),
    rss_bytes: () => rssOf(served.child.pid),
    close: async () => {
      await served.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The instance that answers questions about telemetry; signing in and posting are other functions', and end before. */
export async function openInstance(emulator_host: string): Promise<SoakedHome> {
  const folder = mkdtempSync(join(tmpdir(), 'bas-soak-'));
  const flags = { USE_FIRESTORE_TELEMETRY: '1', USE_FIRESTORE_AUDIT: '1', USE_FIRESTORE_AUTH: '1' };
  const env = {
    ...flags,
    GCP_PROJECT_ID: `demo-soak-${process.pid}-${Date.now()}`,
    FIRESTORE_EMULATOR_HOST: emulator_host,
  };
  const suite = createSuite(readConfig(env), { logger: silentLogger });
  const demo = await seedDemo(suite, { base_url: 'http://127.0.0.1', file: join(folder, 'demo.json') });
  await suite.close();
  const [login, ingest, recent] = await Promise.all(
    ['login', 'ingestTelemetry', 'recentTelemetry'].map((name) => startFunction(functionsDir, name, env)),
  );
  if (login === undefined || ingest === undefined || recent === undefined) throw new Error('A function did not start.');
  const tenants = await openTenants(demo, login.url, ingest.url);
  await Promise.all([login.stop(), ingest.stop()]);
  return {
    name: 'one functions-framework instance on Firestore',
    url: recent.url,
    demo,
    tenants,
    rss_bytes: () => rssOf(recent.pid),
    close: async () => {
      await recent.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openTenants(demo: Demo, login: string, ingest: string): Promise<[Tenant, Tenant]> {
  const [first, second] = demo.tenants;
  if (first === undefined || second === undefined) throw new Error('The demo has two tenants.');
  return [await openTenant(first, login, ingest), await openTenant(second, login, ingest)];
}

/** Each of its devices has some hours of points. */
async function openTenant(
  { tenant_id, users, devices }: Demo['tenants'][number],
  login: string,
  ingest: string,
): Promise<Tenant> {
  const [door, way] = [new HttpClient(login), new HttpClient(ingest)];
  const viewer = users.find(({ role }) => role === 'viewer');
  if (viewer === undefined) throw new Error(`${tenant_id} has no viewer.`);
  const { headers } = await signIn(door, { tenant_id, ...viewer });
  const now_ms = Date.now();
  for (const { device_id, key } of devices) {
    const points = Array.from({ length: POINTS }, (_unused, at) => ({
      timestamp_ms: now_ms - at * HISTORY_MS,
      metrics: { temperature: 20 + (at % 50) / 10, power_kw: at % 7 },
    }));
    const answer = await deviceCaller(way, tenant_id, key).post('/v1/telemetry', { device_id, points });
    if (answer.status !== 200) throw new Error(`A post answered ${answer.status}: ${answer.text}`);
  }
  door.close();
  way.close();
  return { tenant_id, devices, viewer: headers };
}

function rssOf(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) * 1_024;
}
