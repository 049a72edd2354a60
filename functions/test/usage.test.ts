import assert from 'node:assert/strict';
import { DAY_MS, MINUTE_MS } from '@bas/core/clock';
import { usageDay } from '@bas/core/model/usage';
import { Meter } from '@bas/core/observability/meter';
import ingestTelemetry from '../src/https/ingest-telemetry.ts';
import latestTelemetry from '../src/https/latest-telemetry.ts';
import recentTelemetry from '../src/https/recent-telemetry.ts';
import usage from '../src/https/usage.ts';
import type { Answer, Caller } from './support/client.ts';
import type { SeededDevice } from './support/seed.ts';
import { startServer, STORES, type Browser, type TestServer } from './support/server.ts';

interface Row {
  readonly day: string;
  readonly function: string;
  readonly device_id: string | null;
  readonly reads: number;
  readonly writes: number;
  readonly deletes: number;
  readonly points: number;
}

for (const store of STORES) {
  describe(`usage on ${store}`, () => {
    let server: TestServer;
    let device: SeededDevice;
    let admin: Browser;
    let other: Browser;

    before(async () => {
      server = await startServer({ store, doors: [ingestTelemetry, recentTelemetry, latestTelemetry, usage] });
      for (const tenant_id of ['acme', 'globex', 'system']) await server.seed.tenant(tenant_id);
      device = await server.seed.device({ tenant_id: 'acme', device_id: 'boiler-1' });
      admin = await server.signIn(await server.seed.user({ tenant_id: 'acme', role: 'admin' }));
      other = await server.signIn(await server.seed.user({ tenant_id: 'globex', role: 'admin' }));
      await server.suite.usage.writeAll();
    });
    after(() => server.close());

    const page = async (by: Caller, query = ''): Promise<{ usage: Row[]; next_cursor: string | null }> => {
      const answer = await by.get(`/v1/usage${query}`);
      assert.equal(answer.status, 200, answer.text);
      return answer.json() as { usage: Row[]; next_cursor: string | null };
    };
    const rows = async (by: Caller, query = '?limit=1000'): Promise<Row[]> => (await page(by, query)).usage;
    const of = (all: readonly Row[], name: string, device_id: string | null = null): Row | undefined =>
      all.find((row) => row.function === name && row.device_id === device_id);
    const post = (n: number): Promise<Answer> => {
      const at_ms = server.clock.now_ms() - 1_000 * n;
      const points = Array.from({ length: n }, (_, i) => ({ timestamp_ms: at_ms + i, metrics: { celsius: i } }));
      return server.device(device).post('/v1/telemetry', { device_id: device.device_id, points });
    };

    it('tells by function and device what the answers said they cost', async () => {
      const before = of(await rows(admin), 'ingestTelemetry', 'boiler-1');
      const answers = [await post(3), await post(4)];
      const read = await admin.get(`/v1/telemetry/recent?device_id=${device.device_id}`);
      await server.suite.usage.writeAll();
      const after = await rows(admin);
      const ingested = of(after, 'ingestTelemetry', 'boiler-1');
      const told = (all: readonly Answer[], header: string): number =>
        all.reduce((sum, { headers }) => sum + Number(headers[header]), 0);
      assert.equal((ingested?.points ?? 0) - (before?.points ?? 0), 7);
      assert.equal((ingested?.reads ?? 0) - (before?.reads ?? 0), told(answers, 'x-read-count'));
      assert.equal((ingested?.writes ?? 0) - (before?.writes ?? 0), told(answers, 'x-write-count'));
      assert.equal(of(after, 'recentTelemetry', 'boiler-1')?.reads ?? 0, Number(read.headers['x-read-count']));
      if (store === 'firestore') assert.ok((ingested?.writes ?? 0) >= 2 && Number(read.headers['x-read-count']) >= 0);
      assert.ok(after.every(({ day }) => day === usageDay(server.clock.now_ms())));
    });

    it('shows a tenant its own alone, and a device only where it was proven to be its own', async () => {
      await post(1);
      await other.get(`/v1/telemetry/recent?device_id=${device.device_id}`);
      await server.suite.usage.writeAll();
      const theirs = await rows(other);
      assert.ok(theirs.every(({ device_id, points }) => device_id === null && points === 0));
      if (store === 'firestore') assert.ok((of(theirs, 'recentTelemetry')?.reads ?? 0) > 0);
      assert.equal((await other.get('/v1/usage', { headers: { 'x-bas-tenant': 'acme' } })).code, 'tenant_mismatch');
    });

    it('charges a device with a question about it alone, and the tenant with one about several', async () => {
      await Promise.all(['pump-1', 'pump-2'].map((device_id) => server.seed.device({ tenant_id: 'acme', device_id })));
      const ask = async (device_ids: string): Promise<number> => {
        const answer = await admin.get(`/v1/telemetry/latest?device_ids=${device_ids}`);
        return Number(answer.headers['x-read-count']);
      };
      const together = await ask('pump-1,pump-2');
      const refused = await ask('pump-2,nobodys');
      server.clock.advance(MINUTE_MS);
      const alone = await ask('pump-1');
      if (store === 'firestore') assert.ok(together > 0 && refused > 0 && alone > 0);
      await server.suite.usage.writeAll();
      const after = await rows(admin);
      assert.equal(of(after, 'latestTelemetry', 'pump-1')?.reads ?? 0, alone);
      assert.equal(of(after, 'latestTelemetry')?.reads ?? 0, together + refused);
      assert.equal(of(after, 'latestTelemetry', 'pump-2'), undefined);
    });

    it('is for administrators; what the platform bears is for its own', async () => {
      for (const role of ['viewer', 'operator'] as const) {
        const person = await server.signIn(await server.seed.user({ tenant_id: 'acme', role }));
        assert.equal((await person.get('/v1/usage')).code, 'role_required');
      }
      assert.equal((await server.device(device).get('/v1/usage')).code, 'unauthenticated');
      const platform = await server.signIn(await server.seed.user({ tenant_id: 'system', role: 'platform_admin' }));
      await server.client.send('GET', '/v1/usage', { headers: { 'x-bas-tenant': 'acme', cookie: '__session=none' } });
      await server.suite.usage.writeAll();
      const borne = await rows(platform);
      assert.ok(borne.every(({ device_id }) => device_id === null));
      if (store === 'firestore') assert.ok((of(borne, 'usage')?.writes ?? 0) > 0, 'the refusal that was audited');
    });

    it('goes page by page and day by day', async () => {
      server.clock.advance(DAY_MS);
      admin = await server.signIn(await server.seed.user({ tenant_id: 'acme', role: 'admin' }));
      await post(2);
      await server.suite.usage.writeAll();
      const all = await rows(admin);
      assert.deepEqual([...new Set(all.map(({ day }) => day))].length, 2);
      // The looks themselves are counted: what they leave is written only when it is asked for.
      const walked: Row[] = [];
      for (let query = '?limit=1'; ;) {
        const { usage: found, next_cursor } = await page(admin, query);
        walked.push(...found);
        if (next_cursor === null) break;
        query = `?limit=1&cursor=${next_cursor}`;
      }
      assert.deepEqual(walked, all);
      const today_ms = Date.parse(usageDay(server.clock.now_ms()));
      const today = await rows(admin, `?limit=1000&start_ms=${today_ms}`);
      const yesterday = await rows(admin, `?limit=1000&end_ms=${today_ms}`);
      assert.deepEqual([...yesterday, ...today], all);
      assert.ok(today.length > 0 && yesterday.length > 0);
    });

    it('tells what several documents hold of one row as one, and reads no more days than a page takes', async () => {
      await server.seed.tenant('initech');
      const theirs = await server.signIn(await server.seed.user({ tenant_id: 'initech', role: 'admin' }));
      const { usage: kept } = (await server.suite.backend()).withMeter(new Meter()).forTenant('initech');
      const now_ms = server.clock.now_ms();
      const row = (device_id: string, points: number) => {
        return { function: 'ingestTelemetry', device_id, reads: 0, writes: 0, deletes: 0, points };
      };
      const days = [3, 2, 1].map((back) => usageDay(now_ms - back * DAY_MS));
      for (const day of days) {
        await kept.add({ day, shard: 0, rows: [row('pump', 1), row('fan', 2)] });
        await kept.add({ day, shard: 3, rows: [row('pump', 4)] });
      }
      const all = await rows(theirs, `?limit=1000&end_ms=${Date.parse(usageDay(now_ms))}`);
      assert.deepEqual(
        all.map(({ day, device_id, points }) => [day, device_id, points]),
        days.flatMap((day) => [
          [day, 'fan', 2],
          [day, 'pump', 5],
        ]),
      );
      const answer = await theirs.get('/v1/usage?limit=1');
      // The day's own, and the next one, which tells that the day is over.
      assert.equal(Number(answer.headers['x-read-count']), store === 'firestore' ? 3 : 0);
    });

    it('refuses what it does not understand', async () => {
      const now_ms = server.clock.now_ms();
      for (const query of [
        '?days=7',
        '?start_ms=x',
        '?limit=0',
        `?start_ms=${now_ms}&end_ms=${now_ms}`,
        `?start_ms=${now_ms - 91 * DAY_MS}`,
        `?start_ms=0&end_ms=${90 * DAY_MS + 1}`,
      ]) {
        assert.equal((await admin.get(`/v1/usage${query}`)).code, 'malformed_request', query);
      }
      for (const start_ms of [1, now_ms + DAY_MS]) {
        assert.match(String((await admin.get(`/v1/usage?start_ms=${start_ms}`)).member('detail')), /: start_ms: must/);
      }
      assert.equal((await admin.get('/v1/usage?cursor=x')).code, 'invalid_cursor');
      assert.deepEqual((await page(admin, `?start_ms=0&end_ms=${90 * DAY_MS}`)).usage, []);
    });
  });
}
