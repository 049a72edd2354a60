import assert from 'node:assert/strict';
import { MINUTE_MS, SECOND_MS } from '@bas/core/clock';
import ingestTelemetry from '../src/https/ingest-telemetry.ts';
import latestTelemetry from '../src/https/latest-telemetry.ts';
import recentTelemetry from '../src/https/recent-telemetry.ts';
import windowTelemetry from '../src/https/window-telemetry.ts';
import type { Caller } from './support/client.ts';
import type { SeededDevice } from './support/seed.ts';
import { startServer, STORES, type Browser, type TestServer } from './support/server.ts';
import { allPages, averages, masked, pageOf, postPoints, type SentPoint } from './support/telemetry.ts';

const doors = [ingestTelemetry, recentTelemetry, windowTelemetry, latestTelemetry];

for (const store of STORES) {
  describe(`telemetry queries on ${store}`, () => {
    let server: TestServer;
    let viewer: Browser;
    let stranger: Browser;
    let device: SeededDevice;
    let foreign: SeededDevice;
    let controller: Caller;
    let newest_ms: number;
    let sent: SentPoint[];

    before(async () => {
      server = await startServer({ store, doors });
      const { seed, clock } = server;
      await seed.tenant('acme');
      await seed.tenant('globex');
      viewer = await server.signIn(await seed.user({ tenant_id: 'acme' }));
      stranger = await server.signIn(await seed.user({ tenant_id: 'globex' }));
      device = await seed.device({ tenant_id: 'acme', expected_interval_ms: MINUTE_MS });
      foreign = await seed.device({ tenant_id: 'globex', device_id: 'boiler' });
      controller = server.device(device);
      newest_ms = clock.now_ms() - MINUTE_MS;
      sent = Array.from({ length: 300 }, (_unused, at) => ({
        timestamp_ms: newest_ms - at * MINUTE_MS,
        metrics: { t: at, on: at % 2 === 0, ...(at % 10 === 0 ? { mode: 'eco' } : {}) },
      }));
      const reply = await postPoints(controller, device.device_id, sent);
      assert.equal(reply.text, '{"accepted":300,"duplicates":0,"rejected":[]}');
    });
    after(() => server.close());

    const recent = (query = ''): string => `/v1/telemetry/recent?device_id=${device.device_id}${query}`;
    const window = (query: string): string => `/v1/telemetry/window?device_id=${device.device_id}${query}`;

    it('answers the newest 100, newest first, equal value by value', async () => {
      const page = pageOf(await viewer.get(recent()));
      assert.deepEqual(page.points, sent.slice(0, 100));
      assert.notEqual(page.next_cursor, null);
    });

    it('pages to the end without repeating or skipping a point, while points arrive', async () => {
      let later_ms = newest_ms;
      const seen = await allPages(viewer, recent('&limit=70'), async () => {
        server.clock.advance(MINUTE_MS);
        later_ms += 30_001;
        assert.equal(
          (await postPoints(controller, device.device_id, [{ timestamp_ms: later_ms, metrics: { t: -1 } }])).status,
          200,
        );
      });
      assert.deepEqual(seen, sent);
    });

    it('takes a window as half open: its start is in, its end is not', async () => {
      const [last, first] = [newest_ms - 10 * MINUTE_MS, newest_ms - 20 * MINUTE_MS];
      const page = pageOf(await viewer.get(window(`&start_ms=${String(first)}&end_ms=${String(last)}`)));
      assert.deepEqual(page.points, sent.slice(11, 21));
      assert.equal(page.next_cursor, null);
    });

    it('filters metrics and leaves out points that have none of them', async () => {
      const path = window(
        `&start_ms=${String(newest_ms - 300 * MINUTE_MS)}&end_ms=${String(newest_ms + 1)}&metrics=mode&limit=1000`,
      );
      const page = pageOf(await viewer.get(path));
      assert.deepEqual(
        page.points,
        sent
          .filter((_point, at) => at % 10 === 0)
          .map(({ timestamp_ms }) => ({ timestamp_ms, metrics: { mode: 'eco' } })),
      );
    });

    it('aggregates by interval, aligned to the epoch, page by page equal to all at once', async () => {
      const range = `&start_ms=${String(newest_ms - 299 * MINUTE_MS)}&end_ms=${String(newest_ms + 1)}`;
      const path = window(`${range}&interval_ms=${String(10 * MINUTE_MS)}&aggregate=avg&metrics=t`);
      const answer = await viewer.get(`${path}&limit=1000`);
      const expected = averages(sent, 10 * MINUTE_MS);
      assert.deepEqual(pageOf(answer).points, expected);
      assert.equal(answer.member('aggregate'), 'avg');
      assert.equal(answer.member('interval_ms'), 10 * MINUTE_MS);
      assert.deepEqual(await allPages(viewer, `${path}&limit=7`), expected);
    });

    it('answers 304 for the same body, and says how long an answer is fresh', async () => {
      const path = window(`&start_ms=${String(newest_ms - MINUTE_MS)}&end_ms=${String(newest_ms + 1)}`);
      const first = await viewer.get(path);
      const etag = first.headers.etag ?? '';
      const again = await viewer.get(path, { headers: { 'if-none-match': etag } });
      assert.deepEqual([again.status, again.text], [304, '']);
      assert.equal(first.headers['x-fresh-for'], store === 'sqlite' ? '0' : '10');
      server.clock.advance(11 * SECOND_MS);
      const later = await viewer.get(path, { headers: { 'if-none-match': etag } });
      assert.equal(later.status, 304);
      assert.equal(later.headers.etag?.slice(0, 23), etag.slice(0, 23));
    });

    it('refuses a cursor of another query, tenant or maker, and a broken one', async () => {
      const cursor = pageOf(await viewer.get(recent('&limit=5'))).next_cursor ?? '';
      const last = cursor.at(-1) === 'A' ? 'B' : 'A';
      for (const query of [
        `&limit=6&cursor=${cursor}`,
        `&limit=5&cursor=${cursor.slice(0, -1)}${last}`,
        '&limit=5&cursor=x',
        `&limit=5&cursor=${'A'.repeat(5_000)}`,
      ]) {
        const answer = await viewer.get(recent(query));
        assert.deepEqual([answer.status, answer.code], [400, 'invalid_cursor'], query);
      }
      assert.equal((await viewer.get(recent(`&limit=5&cursor=${cursor}`))).status, 200);
    });

    for (const query of [
      '&limit=0',
      '&limit=1001',
      '&limit=-1',
      '&limit=1e2',
      '&limit=',
      '&unknown=1',
      '&limit=5&limit=5',
      '&metrics=',
      '&metrics=__proto__',
      '&__proto__=1',
      '&device_id=x',
      '&t[]=1',
      '&limit=%zz',
    ]) {
      it(`refuses the query ${query}`, async () => {
        const answer = await viewer.get(recent(query));
        assert.deepEqual([answer.status, answer.code], [400, 'malformed_request']);
      });
    }

    for (const query of [
      '&start_ms=5&end_ms=5',
      '&start_ms=6&end_ms=5',
      '&start_ms=0&end_ms=7776000001',
      '&start_ms=0',
      '&start_ms=0&end_ms=9&aggregate=avg',
      '&start_ms=0&end_ms=9&interval_ms=5',
      '&start_ms=0&end_ms=9&interval_ms=5&aggregate=median',
    ]) {
      it(`refuses the window ${query}`, async () => {
        const answer = await viewer.get(window(query));
        assert.deepEqual([answer.status, answer.code], [400, 'malformed_request']);
      });
    }

    it("answers a foreign device and nobody's device with the same bytes", async () => {
      for (const path of [
        '/v1/telemetry/recent?device_id=',
        '/v1/telemetry/window?start_ms=0&end_ms=9&device_id=',
        '/v1/telemetry/latest?device_ids=',
        `/v1/telemetry/latest?device_ids=${device.device_id},`,
      ]) {
        const [theirs, nobodys] = [await viewer.get(path + foreign.device_id), await viewer.get(`${path}never-was`)];
        assert.deepEqual([theirs.status, theirs.code], [403, 'device_forbidden']);
        assert.equal(masked(theirs.text), masked(nobodys.text));
      }
    });

    it('never shows one tenant what another stored, from a warm cache either', async () => {
      await viewer.get(recent());
      assert.equal((await stranger.get(recent())).status, 403);
      assert.equal((await viewer.get(recent(), { headers: { 'x-bas-tenant': 'globex' } })).code, 'tenant_mismatch');
      assert.equal((await stranger.get('/v1/telemetry/latest')).text.includes(device.device_id), false);
    });

    it('answers the newest point of every device with its staleness', async () => {
      const silent = await server.seed.device({ tenant_id: 'acme', device_id: 'silent-1', name: 'Never posted' });
      const all = await viewer.get('/v1/telemetry/latest');
      assert.match(
        all.text,
        /"device_id":"silent-1","name":"Never posted","timestamp_ms":null,"metrics":null,"status":"silent","age_ms":null/,
      );
      const one = await viewer.get(`/v1/telemetry/latest?device_ids=${device.device_id},${silent.device_id}&points=3`);
      const rows = one.member('devices');
      assert.ok(Array.isArray(rows));
      assert.equal(rows.length, 2);
    });

    it('counts what an answer cost', async () => {
      const answer = await viewer.get(recent());
      assert.match(String(answer.headers['x-read-count']), /^\d+$/);
      if (store === 'sqlite') assert.equal(answer.headers['x-read-count'], '0');
      assert.ok(Number(answer.headers['x-read-count']) <= 4);
    });
  });
}
