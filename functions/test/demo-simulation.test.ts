/** The demo's devices as they post by themselves: a past at once, then a point each interval, through the front door. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDemo, type Demo } from '@bas/core/demo/file';
import { seedDemo } from '@bas/core/demo/seed';
import { simulateDevices } from '@bas/core/demo/simulation';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '@bas/core/clock';
import * as z from 'zod';
import auditEvents from '../src/https/audit-events.ts';
import devices from '../src/https/devices.ts';
import ingestTelemetry from '../src/https/ingest-telemetry.ts';
import latestTelemetry from '../src/https/latest-telemetry.ts';
import windowTelemetry from '../src/https/window-telemetry.ts';
import { HttpClient, type Caller } from './support/client.ts';
import { serve } from './support/command.ts';
import { until } from './support/moving-box.ts';
import { signIn } from './support/people.ts';
import { startServer, STORES, type TestServer } from './support/server.ts';
import { allPages, pageOf, type SentPoint } from './support/telemetry.ts';

const WEEK_MS = 7 * 24 * HOUR_MS;
/** A session may not be idle for longer than half an hour. */
const GAP_MS = 25 * MINUTE_MS;
const Latest = z.object({
  devices: z.array(z.object({ device_id: z.string(), timestamp_ms: z.number().nullable(), status: z.string() })),
});

/** Whether every one of the caller's devices has a point that is newer. */
async function allNewerThan(caller: Caller, time_ms: number): Promise<boolean> {
  const { devices } = Latest.parse((await caller.get('/v1/telemetry/latest')).json());
  return devices.length === 3 && devices.every(({ timestamp_ms }) => timestamp_ms !== null && timestamp_ms > time_ms);
}

function adminOf({ tenants: [acme] }: Demo) {
  const admin = acme?.users.find(({ role }) => role === 'admin');
  assert.ok(acme !== undefined && admin !== undefined);
  return { ...admin, tenant_id: acme.tenant_id };
}

for (const store of STORES) {
  describe(`the devices of a demo on ${store}`, function () {
    this.timeout(60_000);
    let folder: string;
    let server: TestServer;
    let demo: Demo;
    let admin: Caller;
    let running: { stop(): Promise<void> };

    before(async () => {
      folder = mkdtempSync(join(tmpdir(), 'bas-simulation-'));
      const doors = [ingestTelemetry, windowTelemetry, latestTelemetry, devices, auditEvents];
      server = await startServer({ store, doors });
      demo = await seedDemo(server.suite, { base_url: server.url, file: join(folder, 'demo.json') });
      admin = await signIn(server.client, adminOf(demo));
      running = simulated();
      await until(() => allNewerThan(admin, server.clock.now_ms() - HOUR_MS));
    });
    after(async () => {
      await running.stop();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    });

    function simulated() {
      const stopping = new AbortController();
      const options = { demo, door: ingestTelemetry, stopping: stopping.signal, zone_ms: 0, look_ms: 5 };
      const ended = simulateDevices(server.suite, options);
      return {
        stop() {
          stopping.abort();
          return ended;
        },
      };
    }

    function pointsOf(device_id: string, span_ms = WEEK_MS): Promise<SentPoint[]> {
      const now_ms = server.clock.now_ms();
      const range = `start_ms=${now_ms - span_ms}&end_ms=${now_ms + MINUTE_MS}`;
      return allPages(admin, `/v1/telemetry/window?device_id=${device_id}&${range}&limit=1000`);
    }

    const newerOf = (device_id: string, time_ms: number) => async (): Promise<boolean> =>
      (await pointsOf(device_id, HOUR_MS)).some(({ timestamp_ms }) => timestamp_ms > time_ms);

    it('have a week of points at once, and have used none of the budget for it', async () => {
      const points = await pointsOf('ahu-1');
      assert.equal(points.length, WEEK_MS / MINUTE_MS);
      const own = (await server.suite.backend()).withMeter(server.suite.usage.meter('test')).forTenant('acme');
      const device = await own.devices.get('ahu-1');
      assert.ok(device !== null);
      const budget = await own.telemetry.writeBudget(device, server.clock.now_ms());
      assert.ok(budget === null || budget.minute_ms + MINUTE_MS <= server.clock.now_ms() || budget.used <= 1);
    });

    it('post a point each interval, and are seen', async () => {
      const before_ms = server.clock.now_ms();
      server.clock.advance(MINUTE_MS);
      await until(newerOf('ahu-1', before_ms));
      assert.equal((await pointsOf('ahu-1', MINUTE_MS)).length, 1);
      const { last_seen_ms } = z
        .object({ last_seen_ms: z.number() })
        .parse((await admin.get('/v1/devices/ahu-1')).json());
      assert.equal(last_seen_ms, server.clock.now_ms());
    });

    it('fill the gap of a restart, and change nothing of what was there', async () => {
      const before = await pointsOf('room-101');
      await running.stop();
      server.clock.advance(GAP_MS);
      const [now_ms, [newest]] = [server.clock.now_ms(), before];
      running = simulated();
      await until(newerOf('room-101', now_ms - MINUTE_MS));
      const after = await pointsOf('room-101', WEEK_MS + GAP_MS);
      const filled = GAP_MS / MINUTE_MS;
      assert.equal(after.length, before.length + filled);
      assert.deepEqual(after.slice(filled), before);
      assert.equal((after[filled - 1]?.timestamp_ms ?? 0) - (newest?.timestamp_ms ?? 0), MINUTE_MS);
    });

    it('are told apart from who posts in their name', async () => {
      const acme = demo.tenants[0] ?? assert.fail();
      const key = acme.devices.find(({ device_id }) => device_id === 'ahu-1')?.key ?? assert.fail();
      await running.stop();
      server.clock.advance(10 * MINUTE_MS);
      const timestamp_ms = server.clock.now_ms();
      const posted = { timestamp_ms, metrics: { supply_temp_c: 99 } };
      const caller = server.device({ tenant_id: 'acme', device_id: 'ahu-1', key });
      assert.equal((await caller.post('/v1/telemetry', { device_id: 'ahu-1', points: [posted] })).status, 200);
      running = simulated();
      await until(async () => (await pointsOf('ahu-1', 10 * MINUTE_MS)).length === 11);
      assert.deepEqual((await pointsOf('ahu-1', MINUTE_MS))[0], posted);
    });

    it('are refused as anybody is when their key is revoked', async () => {
      const found = z.object({ keys: z.array(z.object({ key_id: z.string() })) });
      const { keys } = found.parse((await admin.get('/v1/devices/ahu-1')).json());
      const revoked = await admin.delete(`/v1/devices/ahu-1/keys/${keys[0]?.key_id ?? ''}`);
      assert.equal(revoked.status, 204);
      const before_ms = server.clock.now_ms();
      server.clock.advance(2 * MINUTE_MS);
      await until(newerOf('room-101', before_ms));
      await until(async () => (await admin.get('/v1/audit?action=key.use')).text.includes('revoked key'));
      assert.equal(await newerOf('ahu-1', before_ms)(), false);
    });
  });
}

describe('serve with a demo', function () {
  this.timeout(60_000);

  it('lets its devices post until it is stopped', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bas-simulation-'));
    const served = await serve(['--demo', '--data', folder], {}, { simulation: true });
    const client = new HttpClient(served.url);
    const caller = await signIn(client, adminOf((await readDemo(join(folder, 'demo.json'))) ?? assert.fail()));
    await until(() => allNewerThan(caller, Date.now() - HOUR_MS));
    const page = pageOf(await caller.get('/v1/telemetry/recent?device_id=ahu-1&limit=100'));
    assert.equal(page.points.length, 100);
    assert.ok(Date.now() - (page.points[0]?.timestamp_ms ?? 0) < MINUTE_MS + 10 * SECOND_MS);
    client.close();
    const { code, stderr } = await served.stop();
    assert.deepEqual([code, stderr], [0, '']);
    rmSync(folder, { recursive: true, force: true });
  });
});
