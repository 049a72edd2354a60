import assert from 'node:assert/strict';
import { SECOND_MS } from '@bas/core/clock';
import { SIGN_IN } from '../../scripts/lib/cost/dashboards.ts';
import { IDENTITY_READS, TOUCH } from '../../scripts/lib/cost/devices.ts';
import ingestTelemetry from '../src/https/ingest-telemetry.ts';
import type { Answer } from './support/client.ts';
import type { SeededDevice, SeededUser } from './support/seed.ts';
import { startServer, type TestServer } from './support/server.ts';
import { postPoints } from './support/telemetry.ts';

const POSTS = 4;

describe('what the cost of a month is worked out from, at the door', () => {
  let server: TestServer;
  let user: SeededUser;
  let device: SeededDevice;

  before(async () => {
    server = await startServer({ store: 'firestore', doors: [ingestTelemetry] });
    await server.seed.tenant('acme');
    user = await server.seed.user({ tenant_id: 'acme' });
    device = await server.seed.device({ tenant_id: 'acme', expected_interval_ms: 10 * SECOND_MS });
    // An instance learns once that no box is moving into its database, and of the tenant.
    const other = await server.seed.device({ tenant_id: 'acme' });
    await post(other, 0);
  });
  after(() => server.close());

  const counted = ({ headers }: Answer) => ({
    reads: Number(headers['x-read-count']),
    writes: Number(headers['x-write-count']),
  });
  const post = (of: SeededDevice, n: number) =>
    postPoints(server.device(of), of.device_id, [{ timestamp_ms: server.clock.now_ms(), metrics: { n } }]);

  it('a sign-in', async () => {
    const headers = { 'x-bas-tenant': 'acme', 'user-agent': 'Mozilla/5.0 Firefox/140.0' };
    const json = { username: user.username, password: user.password };
    const { reads, writes } = counted(await server.client.send('POST', '/v1/login', { headers, json }));
    assert.deepEqual({ reads, writes }, { reads: SIGN_IN.reads, writes: SIGN_IN.writes + SIGN_IN.deletes });
  });

  it('the posts of a device: who it is, its last use and its bucket once, and then a write each', async () => {
    const costs: { reads: number; writes: number }[] = [];
    for (let n = 0; n < POSTS; n += 1) {
      costs.push(counted(await post(device, n)));
      server.clock.advance(10 * SECOND_MS);
    }
    const sum = (name: 'reads' | 'writes') => costs.reduce((total, cost) => total + cost[name], 0);
    const bucket_reads = 1;
    assert.deepEqual(
      [sum('reads'), sum('writes')],
      [IDENTITY_READS + TOUCH.reads + bucket_reads, TOUCH.writes + POSTS],
    );
    assert.deepEqual(costs.at(-1), { reads: 0, writes: 1 });
  });
});
