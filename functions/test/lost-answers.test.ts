/** What is told and counted of a commit that Firestore made, or may have made, when its answer is lost on the way. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { MINUTE_MS } from '@bas/core/clock';
import { usageDay } from '@bas/core/model/usage';
import { Meter } from '@bas/core/observability/meter';
import devices from '../src/https/devices.ts';
import ingest from '../src/https/ingest-telemetry.ts';
import type { Answer } from './support/client.ts';
import type { Fault } from './support/grpc-faults.ts';
import { startGrpcProxy, type GrpcProxy } from './support/grpc-proxy.ts';
import type { SeededDevice, SeededUser } from './support/seed.ts';
import { startServer, type Browser, type TestServer } from './support/server.ts';
import { postPoints } from './support/telemetry.ts';

const LOST: Fault = { kind: 'lost_answer' };
const SILENT: Fault = { kind: 'status', status: 'DEADLINE_EXCEEDED', message: 'Deadline exceeded' };
const AWAY: Fault = { kind: 'status', status: 'UNAVAILABLE', message: 'Connection dropped' };
const REFUSED: Fault = { kind: 'status', status: 'PERMISSION_DENIED', message: 'Missing or insufficient permissions' };
const STALE: Fault = { kind: 'status', status: 'FAILED_PRECONDITION', message: 'the stored version does not match' };

describe('a commit whose answer is lost', () => {
  let proxy: GrpcProxy;
  let server: TestServer;
  let device: SeededDevice;
  let user: SeededUser;
  let admin: Browser;

  before(async () => {
    proxy = await startGrpcProxy(process.env['FIRESTORE_EMULATOR_HOST'] ?? '');
    const home = { kind: 'firestore', project_id: `demo-${randomUUID()}`, emulator_host: proxy.host } as const;
    server = await startServer({ store: 'firestore', doors: [ingest, devices], home });
    await proxy.lead(() => server.seed.tenant('acme'));
    await server.seed.tenant('system');
    device = await server.seed.device({ tenant_id: 'acme', device_id: 'pump' });
    user = await server.seed.user({ tenant_id: 'acme', role: 'admin' });
    admin = await server.signIn(user);
    assert.equal((await post()).status, 200);
    await server.suite.usage.writeAll(MINUTE_MS);
  });
  afterEach(() => proxy.rules.clear());
  after(async () => {
    await server.close();
    await proxy.close();
  });

  const post = (): Promise<Answer> => {
    server.clock.advance(MINUTE_MS);
    const point = { timestamp_ms: server.clock.now_ms(), metrics: { celsius: 21 } };
    return postPoints(server.device(device), 'pump', [point]);
  };
  const written = ({ headers }: Answer): number => Number(headers['x-write-count']);
  const inCommits = (fault: Fault, times = Infinity) => {
    proxy.counts.reset();
    return proxy.rules.add({ fault, method: 'Commit', times });
  };
  async function points(): Promise<number> {
    const { usage } = (await server.suite.backend()).withMeter(new Meter()).forTenant('acme');
    const day = usageDay(server.clock.now_ms());
    const [part] = await usage.list({ day, shard: 0 }, day, 1);
    return part?.rows.find(({ device_id }) => device_id === 'pump')?.points ?? 0;
  }

  it('has accepted its points, and is counted, when it is found to be made', async () => {
    const before = await points();
    inCommits(LOST, 1);
    const answer = await post();
    assert.deepEqual([answer.status, answer.json()], [200, { accepted: 1, duplicates: 0, rejected: [] }]);
    assert.deepEqual([written(answer), proxy.counts.writes], [1, 1]);
    await server.suite.usage.writeAll(MINUTE_MS);
    assert.equal(await points(), before + 1);
  });

  it('is counted with its event', async () => {
    await admin.get('/v1/devices');
    inCommits(LOST, 1);
    const created = await admin.post('/v1/devices', { device_id: 'fan' });
    assert.deepEqual([created.status, written(created), proxy.counts.writes], [201, 3, 3]);
    inCommits(LOST, 1);
    const renamed = await admin.send('PATCH', '/v1/devices/fan', { json: { name: 'Fan' } });
    assert.deepEqual([renamed.status, written(renamed), proxy.counts.writes], [200, 2, 2]);
  });

  it('is counted when it was the end of a transaction', async () => {
    const rule = proxy.rules.add({ fault: LOST, method: 'Commit', containing: 'sessions/', times: 1 });
    proxy.counts.reset();
    const { username, password } = user;
    const headers = { 'x-bas-tenant': 'acme', 'user-agent': 'Mozilla/5.0 Firefox/140.0' };
    const answer = await server.client.send('POST', '/v1/login', { headers, json: { username, password } });
    assert.deepEqual([answer.status, rule.hits], [200, 1]);
    assert.equal(written(answer), proxy.counts.writes + proxy.counts.deletes);
  });

  it('has created its tenant, which is there already for whoever creates it later', async () => {
    const meter = new Meter();
    const { tenants } = (await server.suite.backend()).withMeter(meter);
    const tenant = { tenant_id: 'globex', name: 'Globex', disabled: false, created_ms: server.clock.now_ms() };
    const rule = inCommits(LOST, 1);
    assert.equal(await tenants.create(tenant), 'created');
    assert.deepEqual([rule.hits, meter.writes, proxy.counts.writes], [1, 1, 1]);
    assert.equal(await tenants.create(tenant), 'exists');
    inCommits(LOST, 1);
    assert.equal(await tenants.create({ ...tenant, created_ms: tenant.created_ms + 1 }), 'exists');
  });

  it('is counted once when nobody will know, and not when it was refused', async () => {
    for (const [fault, tries, expected] of [
      [SILENT, 1, 1],
      [AWAY, 3, 1],
      [REFUSED, 1, 0],
    ] as const) {
      const rule = inCommits(fault);
      const answer = await post();
      rule.remove();
      assert.deepEqual([answer.status, rule.hits, written(answer)], [503, tries, expected], JSON.stringify(fault));
      assert.equal((await post()).status, 200);
    }
  });

  it('is no success where a precondition fails that was not asked for', async () => {
    const event = proxy.rules.add({ fault: STALE, method: 'Commit', containing: 'access.refused' });
    assert.equal((await server.client.send('GET', '/v1/devices', { headers: { 'x-bas-tenant': 'acme' } })).status, 503);
    assert.equal(event.hits, 1);
    const before = await points();
    await post();
    const usage = proxy.rules.add({ fault: STALE, method: 'Commit', containing: 'ingestTelemetry' });
    await server.suite.usage.writeAll(MINUTE_MS);
    assert.ok(usage.hits > 0);
    usage.remove();
    assert.equal(await points(), before);
    await server.suite.usage.writeAll(MINUTE_MS);
    assert.ok((await points()) > before);
  });
});
