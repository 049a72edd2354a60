/** What a viewer may know of the devices: enough to ask for their telemetry, and nothing of other tenants. */
import assert from 'node:assert/strict';
import { DASHBOARD_READS_PER_MINUTE } from '@bas/core/budgets/dashboard-reads';
import { MINUTE_MS, SECOND_MS } from '@bas/core/clock';
import latestTelemetry from '../src/https/latest-telemetry.ts';
import { Caller } from './support/client.ts';
import { startServer, STORES, type Browser, type TestServer } from './support/server.ts';
import { masked } from './support/telemetry.ts';

const PATH = '/v1/telemetry/devices';

for (const store of STORES) {
  describe(`the devices that a viewer sees on ${store}`, () => {
    let server: TestServer;
    let viewer: Browser;

    before(async () => {
      server = await startServer({ store, doors: [latestTelemetry] });
      const { seed } = server;
      await seed.tenant('acme');
      await seed.tenant('globex');
      viewer = await server.signIn(await seed.user({ tenant_id: 'acme' }));
      for (const device_id of ['ahu-1', 'ahu-2', 'room-1']) {
        await seed.device({ tenant_id: 'acme', device_id, expected_interval_ms: MINUTE_MS });
      }
      await seed.device({ tenant_id: 'globex', device_id: 'boiler' });
    });
    after(() => server.close());

    it('are those of the tenant, by id, page by page, without their keys', async () => {
      const first = await viewer.get(`${PATH}?limit=2`);
      assert.equal(first.status, 200, first.text);
      assert.doesNotMatch(first.text, /key/);
      const cursor = String(first.member('next_cursor'));
      const second = await viewer.get(`${PATH}?limit=2&cursor=${encodeURIComponent(cursor)}`);
      assert.equal(second.member('next_cursor'), null);
      const ids = [...(first.text + second.text).matchAll(/"device_id":"([^"]+)"/g)].map(([, id]) => id);
      assert.deepEqual(ids, ['ahu-1', 'ahu-2', 'room-1']);
    });

    it('can be looked up one by one, for no more than a read each', async () => {
      const answer = await viewer.get(`${PATH}/ahu-2`);
      assert.deepEqual([answer.member('device_id'), answer.member('expected_interval_ms')], ['ahu-2', MINUTE_MS]);
      assert.deepEqual(Object.keys(answer.json() as object).sort(), [
        'device_id',
        'disabled',
        'expected_interval_ms',
        'name',
        'tags',
      ]);
      assert.equal((await viewer.get(`${PATH}/ahu-2`)).headers['x-read-count'], '0');
    });

    it('do not tell a foreign device from one that does not exist', async () => {
      const [foreign, none] = [await viewer.get(`${PATH}/boiler`), await viewer.get(`${PATH}/nothing`)];
      assert.deepEqual([foreign.code, foreign.status], ['device_forbidden', 403]);
      assert.equal(masked(foreign.text), masked(none.text));
    });
  });
}

describe('a long list of devices on firestore', () => {
  let server: TestServer;

  before(async () => {
    server = await startServer({ store: 'firestore', doors: [latestTelemetry] });
    await server.seed.tenant('acme');
    for (let at = 0; at < 60; at += 1) await server.seed.device({ tenant_id: 'acme', device_id: `unit-${String(at)}` });
  });
  after(() => server.close());

  it('is read page by page within the budget of a dashboard, and goes on when there is room', async () => {
    const viewer = await server.signIn(await server.seed.user({ tenant_id: 'acme' }));
    const reads = ({ headers }: { headers: Readonly<Record<string, unknown>> }) => Number(headers['x-read-count']);
    const first = await viewer.get(`${PATH}?limit=25`);
    const next = `${PATH}?limit=25&cursor=${encodeURIComponent(String(first.member('next_cursor')))}`;
    assert.equal(first.status, 200);
    const refused = await viewer.get(next);
    assert.deepEqual([refused.status, refused.code], [429, 'read_budget']);
    assert.ok(reads(first) + reads(refused) <= DASHBOARD_READS_PER_MINUTE);
    server.clock.advance(Number(refused.headers['retry-after']) * SECOND_MS);
    assert.equal((await viewer.get(next)).status, 200);
  });

  it('has less of the budget left after a sign-in, which is a part of it', async () => {
    const { seed, client } = server;
    const user = await seed.user({ tenant_id: 'acme' });
    const visitor = new Caller(client, { 'x-bas-tenant': 'acme' });
    const signedIn = await visitor.post('/v1/login', { username: user.username, password: user.password });
    const entering = Number(signedIn.headers['x-read-count']);
    assert.ok(entering >= 2, 'the user and what was tried before');
    const [cookie] = String(signedIn.headers['set-cookie']).split(';');
    const viewer = new Caller(client, { 'x-bas-tenant': 'acme', cookie: cookie ?? '' });
    server.clock.advance(20 * SECOND_MS);
    const page = await viewer.get(`${PATH}?limit=25`);
    const refused = await viewer.get(`${PATH}?limit=26`);
    assert.equal(refused.status, 429);
    const known = [page, refused].reduce((sum, { headers }) => sum + Number(headers['x-read-count']), 0);
    assert.equal(refused.member('used'), entering + known);
  });

  it('is not read again by the question about some of them', async () => {
    const viewer = await server.signIn(await server.seed.user({ tenant_id: 'acme' }));
    server.clock.advance(10 * MINUTE_MS);
    await viewer.get(`${PATH}?limit=25`);
    const newest = await viewer.get('/v1/telemetry/latest?device_ids=unit-0,unit-1,unit-10');
    assert.equal(newest.headers['x-read-count'], '3', 'a look at the points of each');
  });
});
