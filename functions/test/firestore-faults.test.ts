/** What clients are answered when Firestore refuses, stumbles or lies, and how often it is asked meanwhile. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Logger } from '@bas/core/observability/log';
import auditEvents from '../src/https/audit-events.ts';
import devices from '../src/https/devices.ts';
import ingest from '../src/https/ingest-telemetry.ts';
import login from '../src/https/login.ts';
import recent from '../src/https/recent-telemetry.ts';
import users from '../src/https/users.ts';
import type { Answer } from './support/client.ts';
import type { Fault } from './support/grpc-faults.ts';
import { startGrpcProxy, type GrpcProxy } from './support/grpc-proxy.ts';
import type { SeededDevice, SeededUser } from './support/seed.ts';
import { startServer, type Browser, type TestServer } from './support/server.ts';

const BUILDING = 'The query requires an index. That index is currently building and cannot be used yet. See its status';
const MISSING = 'The query requires an index. You can create it here: https://console.firebase.google.com/v1/r/project';
const STALE = 'the stored version (1773734400000000) does not match the required base version (1773734400000001)';

function precondition(message: string): Fault {
  return { kind: 'status', status: 'FAILED_PRECONDITION', message };
}

describe('a server whose Firestore misbehaves', () => {
  const logged: string[] = [];
  const logger: Logger = {
    log: (severity, message, fields) => logged.push(JSON.stringify({ severity, message, ...fields })),
  };
  let proxy: GrpcProxy;
  let server: TestServer;
  let admin: SeededUser;
  let device: SeededDevice;
  let browser: Browser;

  before(async () => {
    proxy = await startGrpcProxy(process.env['FIRESTORE_EMULATOR_HOST'] ?? '');
    server = await startServer({
      store: 'firestore',
      doors: [ingest, recent, auditEvents, devices, users, login],
      home: { kind: 'firestore', project_id: `demo-${randomUUID()}`, emulator_host: proxy.host },
      config: { read_cache: 'none' },
      parts: { logger },
    });
    await proxy.lead(() => server.seed.tenant('acme'));
    admin = await server.seed.user({ tenant_id: 'acme', role: 'admin' });
    device = await server.seed.device({ tenant_id: 'acme' });
    browser = await server.signIn(admin);
    assert.equal((await post()).status, 200);
  });
  beforeEach(() => {
    proxy.counts.reset();
    logged.length = 0;
  });
  afterEach(() => proxy.rules.clear());
  after(async () => {
    await server.close();
    await proxy.close();
  });

  const post = (): Promise<Answer> => {
    server.clock.advance(60_000);
    const point = { timestamp_ms: server.clock.now_ms(), metrics: { temp_c: 21 } };
    return server.device(device).send('POST', '/v1/telemetry', {
      json: { device_id: device.device_id, points: [point] },
    });
  };
  const look = () => browser.send('GET', `/v1/telemetry/recent?device_id=${device.device_id}`);
  const refusal = ({ status, code, headers }: Answer) => [status, code, headers['retry-after']];

  for (const text of [BUILDING, MISSING]) {
    it(`says that the index is not ready, and asks once: ${text.slice(0, 60)}…`, async () => {
      const rule = proxy.rules.add({ fault: precondition(text), method: 'RunQuery' });
      const started_ms = performance.now();
      assert.deepEqual(refusal(await look()), [503, 'index_not_ready', '30']);
      assert.equal(rule.hits, 1);
      assert.deepEqual(refusal(await browser.send('GET', '/v1/audit')), [503, 'index_not_ready', '30']);
      assert.equal(rule.hits, 2);
      assert(performance.now() - started_ms < 2_000);
      proxy.rules.clear();
      assert.equal((await look()).status, 200);
    });
  }

  it('takes any other failed precondition of a query for a store that is away, and asks once', async () => {
    const rule = proxy.rules.add({ fault: precondition('The database is not in Native mode.'), method: 'RunQuery' });
    assert.deepEqual(refusal(await look()), [503, 'store_unavailable', '5']);
    assert.equal(rule.hits, 1);
  });

  it('takes a failed precondition of a commit for a lost race, whatever its text, and tries again', async () => {
    for (const text of [STALE, BUILDING]) {
      const rule = proxy.rules.add({ fault: precondition(text), method: 'Commit', times: 2 });
      const answer = await post();
      assert.deepEqual([answer.status, rule.hits], [200, 2], answer.text);
    }
  });

  it("tells the index from the race in a sign-in's transaction too", async () => {
    const { username, password } = admin;
    const headers = { 'x-bas-tenant': 'acme', 'user-agent': 'Mozilla/5.0 Firefox/140.0' };
    const signIn = () => server.client.send('POST', '/v1/login', { headers, json: { username, password } });
    const query = proxy.rules.add({ fault: precondition(BUILDING), method: 'RunQuery', containing: 'sessions' });
    assert.deepEqual(refusal(await signIn()), [503, 'index_not_ready', '30']);
    assert.equal(query.hits, 1);
    proxy.rules.clear();
    proxy.rules.add({ fault: precondition(BUILDING), method: 'Commit', containing: 'sessions', times: 1 });
    assert.deepEqual(refusal(await signIn()), [503, 'store_unavailable', '5']);
    assert.equal((await signIn()).status, 200);
  });

  it('hides a short outage, and asks no more than five times in a long one', async () => {
    const fault = { kind: 'status', status: 'UNAVAILABLE', message: 'try again' } as const;
    proxy.rules.add({ fault, method: 'RunQuery', times: 1 });
    assert.equal((await look()).status, 200);
    const rule = proxy.rules.add({ fault, method: 'RunQuery' });
    assert.deepEqual(refusal(await look()), [503, 'store_unavailable', '5']);
    assert(rule.hits > 1 && rule.hits <= 5, String(rule.hits));
  }).timeout(20_000);

  it("never hands another tenant's document on, and says so in the log", async () => {
    // The field's value alone, with its length before it: a get of another name the SDK refuses by itself.
    const fault = { kind: 'forged', from: '\u0004acme', to: '\u0004evil' } as const;
    const answers = {
      'a bucket, by query': { path: `/v1/telemetry/recent?device_id=${device.device_id}`, containing: 'telemetry' },
      'a device, by its id': { path: `/v1/devices/${device.device_id}`, containing: 'documents/devices/' },
      'a list of devices': { path: '/v1/devices', containing: 'devices' },
      'a list of users': { path: '/v1/users', containing: 'users' },
      'audit events': { path: '/v1/audit', containing: 'audit_log' },
    };
    for (const [name, { path, containing }] of Object.entries(answers)) {
      assert.equal((await browser.send('GET', path)).status, 200, name);
      logged.length = 0;
      const rule = proxy.rules.add({ fault, containing });
      const answer = await browser.send('GET', path);
      proxy.rules.clear();
      assert.deepEqual([answer.status, answer.code, rule.hits], [500, 'internal', 1], name);
      assert(!/evil|TenantLeak|temp_c/.test(answer.text), answer.text);
      assert(
        logged.some((line) => line.includes('"severity":"ERROR"') && line.includes('TenantLeak')),
        logged.join('\n'),
      );
    }
  });
});
