/** What is timed as "last 100 points": the points being given, by one door alone. */
import assert from 'node:assert/strict';
import type { LogFields } from '@bas/core/observability/log';
import type { ServiceSpan } from '@bas/core/observability/service-counts';
import latestTelemetry from '../src/https/latest-telemetry.ts';
import recentTelemetry from '../src/https/recent-telemetry.ts';
import windowTelemetry from '../src/https/window-telemetry.ts';
import { startServer, STORES, type Browser, type TestServer } from './support/server.ts';
import { pageOf, postPoints } from './support/telemetry.ts';
import ingestTelemetry from '../src/https/ingest-telemetry.ts';

const POINTS = 120;

for (const store of STORES) {
  describe(`"last 100 points" on ${store}`, function () {
    this.timeout(30_000);
    let server: TestServer;
    let viewer: Browser;
    let lines: LogFields[];

    beforeEach(async () => {
      lines = [];
      const logger = { log: (_severity: string, _message: string, fields: LogFields = {}) => void lines.push(fields) };
      const doors = [recentTelemetry, windowTelemetry, latestTelemetry, ingestTelemetry];
      server = await startServer({ store, doors, parts: { logger } });
      await server.seed.tenant('acme');
      const device = await server.seed.device({ tenant_id: 'acme', device_id: 'd' });
      const now_ms = server.clock.now_ms();
      const points = Array.from({ length: POINTS }, (_, n) => ({
        timestamp_ms: now_ms - n * 1_000,
        metrics: { t: n },
      }));
      await postPoints(server.device(device), 'd', points);
      viewer = await server.signIn(await server.seed.user({ tenant_id: 'acme', role: 'viewer' }));
    });
    afterEach(() => server.close());

    /** How many the service levels have timed. */
    async function timed(): Promise<number> {
      const saved: ServiceSpan[] = [];
      await server.suite.service.keep((minutes) => Promise.resolve(void saved.push(...minutes)));
      return saved.flatMap(({ last_hundred }) => last_hundred).reduce((sum, count) => sum + count, 0);
    }

    it('are timed when they are given', async () => {
      for (const query of ['', '&limit=100', '&limit=1']) {
        assert.equal((await viewer.get(`/v1/telemetry/recent?device_id=d${query}`)).status, 200);
        assert.deepEqual([lines.at(-1)?.['last_100'], lines.at(-1)?.['outcome']], [true, 'success'], query);
      }
      assert.equal(await timed(), 3);
    });

    it('are not timed when nothing is given, more is looked at, or another door answers', async () => {
      const first = await viewer.get('/v1/telemetry/recent?device_id=d');
      const { next_cursor } = pageOf(first);
      assert.ok(next_cursor !== null);
      const kept = { 'if-none-match': first.headers.etag ?? '' };
      const unchanged = await viewer.get('/v1/telemetry/recent?device_id=d', { headers: kept });
      assert.deepEqual([unchanged.status, lines.at(-1)?.['outcome']], [304, 'unchanged']);
      const now_ms = server.clock.now_ms();
      const others = [
        'recent?device_id=d&limit=101',
        'recent?device_id=d&metrics=t',
        `recent?device_id=d&cursor=${encodeURIComponent(next_cursor)}`,
        'recent?device_id=nobody',
        `window?device_id=d&start_ms=${now_ms - 1_000}&end_ms=${now_ms}`,
        'latest',
      ];
      for (const path of others) await viewer.get(`/v1/telemetry/${path}`);
      const told = lines.filter(({ action }) => String(action).startsWith('telemetry.'));
      const marked = told.map(({ last_100 }) => last_100 === true);
      assert.deepEqual(marked, [false, true, ...new Array<boolean>(1 + others.length).fill(false)]);
      assert.equal(await timed(), 1);
    });
  });
}
