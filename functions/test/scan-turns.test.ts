/** Somebody asks for much at once; everybody else goes between. */
import assert from 'node:assert/strict';
import { MINUTE_MS, SECOND_MS } from '@bas/core/clock';
import ingestTelemetry from '../src/https/ingest-telemetry.ts';
import latestTelemetry from '../src/https/latest-telemetry.ts';
import recentTelemetry from '../src/https/recent-telemetry.ts';
import session from '../src/https/session.ts';
import windowTelemetry from '../src/https/window-telemetry.ts';
import type { Answer } from './support/client.ts';
import { startServer, type Browser, type TestServer } from './support/server.ts';
import { pageOf, postPoints } from './support/telemetry.ts';

const doors = [ingestTelemetry, recentTelemetry, windowTelemetry, latestTelemetry, session];
const POSTS = 8;
/** As many of one person as are answered. */
const AT_ONCE = 32;

describe('scans and everybody else', () => {
  let server: TestServer;
  let greedy: Browser;
  let other: Browser;
  let device_id: string;
  let scan: string;

  before(async () => {
    server = await startServer({ store: 'sqlite', doors });
    const { seed, clock } = server;
    for (const tenant_id of ['acme', 'globex']) await seed.tenant(tenant_id);
    greedy = await server.signIn(await seed.user({ tenant_id: 'acme' }));
    other = await server.signIn(await seed.user({ tenant_id: 'globex' }));
    const device = await seed.device({ tenant_id: 'acme', expected_interval_ms: SECOND_MS });
    ({ device_id } = device);
    scan = `/v1/telemetry/recent?device_id=${device_id}&limit=1000&metrics=zz`;
    const start_ms = clock.now_ms() - POSTS * 1_000 * SECOND_MS;
    for (let post = 0; post < POSTS; post += 1) {
      const points = Array.from({ length: 1_000 }, (_unused, at) => ({
        timestamp_ms: start_ms + (post * 1_000 + at) * SECOND_MS,
        metrics: { t: at },
      }));
      assert.equal((await postPoints(server.device(device), device_id, points)).status, 200);
      clock.advance(MINUTE_MS / 4);
    }
  });
  after(() => server.close());

  it('another tenant is answered before the scans are, and so is the same person who only polls', async () => {
    const answered: string[] = [];
    const told = async (name: string, answer: Promise<Answer>): Promise<void> => {
      assert.equal((await answer).status, 200, name);
      answered.push(name);
    };
    // Nobody waits for a connection.
    await Promise.all(Array.from({ length: AT_ONCE + 3 }, () => other.get('/v1/session')));
    const scans = Array.from({ length: AT_ONCE }, () => told('scan', greedy.get(scan)));
    const session = told('session', other.get('/v1/session'));
    const poll = told('poll', greedy.get(`/v1/telemetry/recent?device_id=${device_id}`));
    const latest = told('latest', greedy.get(`/v1/telemetry/latest?device_ids=${device_id}`));
    await Promise.all([...scans, session, poll, latest]);
    const before = Math.max(...['session', 'poll', 'latest'].map((name) => answered.indexOf(name)));
    assert.ok(before < AT_ONCE / 2, answered.join(' '));
  });

  it('one person gets so many scans at once, is told when to come back for more, and hinders nobody', async () => {
    const answers = await Promise.all(Array.from({ length: 48 }, () => greedy.get(scan)));
    const refused = answers.filter(({ status }) => status === 503);
    const whole = answers.filter(({ status }) => status === 200);
    assert.ok(whole.length >= 32 && refused.length > 0, `${whole.length} and ${refused.length}`);
    assert.equal(whole.length + refused.length, answers.length);
    for (const { code, headers } of refused) assert.deepEqual([code, headers['retry-after']], ['overloaded', '2']);
    for (const answer of whole) assert.deepEqual(pageOf(answer).points, []);
    assert.equal((await greedy.get(scan)).status, 200);
  });
});
