import assert from 'node:assert/strict';
import { SECOND_MS } from '@bas/core/clock';
import ingestTelemetry from '../src/https/ingest-telemetry.ts';
import latestTelemetry from '../src/https/latest-telemetry.ts';
import { startServer, type Browser, type TestServer } from './support/server.ts';
import { postPoints } from './support/telemetry.ts';

const DEVICES = 3;

describe('what a poll of all devices costs on Firestore', () => {
  const servers: TestServer[] = [];
  let viewer: Browser;

  /** An instance of the deployment: each shares the store and the clock of the first, and no memory. */
  async function instance(first?: TestServer): Promise<TestServer> {
    const same = first === undefined ? {} : { clock: first.clock, home: first.suite.config.home };
    const server = await startServer({ store: 'firestore', doors: [ingestTelemetry, latestTelemetry], ...same });
    servers.push(server);
    return server;
  }

  before(async () => {
    const server = await instance();
    await server.seed.tenant('acme');
    for (let n = 0; n < DEVICES; n += 1) {
      const device = await server.seed.device({ tenant_id: 'acme' });
      const point = { timestamp_ms: server.clock.now_ms(), metrics: { n } };
      await postPoints(server.device(device), device.device_id, [point]);
    }
    viewer = await server.signIn(await server.seed.user({ tenant_id: 'acme' }));
  });
  after(() => Promise.all(servers.map((server) => server.close())));

  it('nothing on any instance while what the page shows is fresh', async () => {
    const [first] = servers;
    assert.ok(first !== undefined);
    const { headers: shown } = await viewer.get('/v1/telemetry/latest');
    const other = await instance(first);
    const agent = { 'x-bas-tenant': 'acme', 'user-agent': 'Mozilla/5.0 Firefox/140.0' };
    const headers = { ...agent, cookie: `__session=${viewer.token}`, 'if-none-match': shown.etag ?? '' };
    const poll = async (query = '') => {
      const answer = await other.client.send('GET', `/v1/telemetry/latest${query}`, { headers });
      return [answer.status, Number(answer.headers['x-read-count'])];
    };
    assert.equal((await poll('?device_ids=nobodys'))[0], 403, 'now the other knows who asks');
    assert.deepEqual(await poll(), [304, 0]);
    first.clock.advance(Number(shown['x-fresh-for']) * SECOND_MS);
    assert.deepEqual(await poll(), [304, 2 * DEVICES], 'no longer fresh: asked again, and found the same');
    first.clock.advance(5 * SECOND_MS);
    assert.deepEqual(await poll(), [304, 0], 'from memory');
  });

  it('nothing for the same question that is spelt otherwise', async () => {
    const { headers: shown } = await viewer.get('/v1/telemetry/latest?points=2');
    assert.ok(Number(shown['x-fresh-for']) > 0);
    const headers = { 'if-none-match': shown.etag ?? '' };
    for (const [query, age] of [
      ['%70oints=2', undefined],
      ['p%6Fints=%32', undefined],
      ['points=1', '0'],
    ] as const) {
      const answer = await viewer.get(`/v1/telemetry/latest?${query}`, { headers });
      assert.deepEqual(
        [answer.status, answer.headers.age],
        [304, age],
        `${query}: an age is that of what was looked at`,
      );
    }
  });
});
