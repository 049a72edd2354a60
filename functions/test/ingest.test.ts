import assert from 'node:assert/strict';
import { DAY_MS, MINUTE_MS } from '@bas/core/clock';
import auditEvents from '../src/https/audit-events.ts';
import devices from '../src/https/devices.ts';
import ingestTelemetry from '../src/https/ingest-telemetry.ts';
import recentTelemetry from '../src/https/recent-telemetry.ts';
import { visible } from './auth-flow/visible.ts';
import type { Answer, Caller } from './support/client.ts';
import type { SeededDevice } from './support/seed.ts';
import { startServer, STORES, type Browser, type TestServer } from './support/server.ts';
import { pageOf, postPoints } from './support/telemetry.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

for (const store of STORES) {
  describe(`ingest on ${store}`, () => {
    let server: TestServer;
    let operator: Browser;
    let device: SeededDevice;
    let controller: Caller;
    let now_ms: number;

    before(async () => {
      server = await startServer({ store, doors: [ingestTelemetry, recentTelemetry, auditEvents, devices] });
      await server.seed.tenant('acme');
      await server.seed.tenant('globex');
      operator = await server.signIn(await server.seed.user({ tenant_id: 'acme', role: 'operator' }));
    });
    beforeEach(async () => {
      device = await server.seed.device({ tenant_id: 'acme', expected_interval_ms: MINUTE_MS });
      controller = server.device(device);
      now_ms = server.clock.now_ms();
    });
    after(() => server.close());

    const stored = async (): Promise<unknown[]> =>
      pageOf(await operator.get(`/v1/telemetry/recent?device_id=${device.device_id}&limit=1000`)).points;
    const postBody = (body: string | Uint8Array, headers: Record<string, string> = JSON_TYPE): Promise<Answer> =>
      controller.send('POST', '/v1/telemetry', { body, headers });

    it('stores good points and tells what became of each bad one', async () => {
      const good = { timestamp_ms: now_ms, metrics: { b: 1, a: 'x' } };
      const answer = await postPoints(controller, device.device_id, [
        good,
        { timestamp_ms: now_ms, metrics: { b: 2 } },
        { timestamp_ms: now_ms - 91 * DAY_MS, metrics: { b: 1 } },
        { timestamp_ms: now_ms + 5 * MINUTE_MS + 1, metrics: { b: 1 } },
        { timestamp_ms: now_ms + 5 * MINUTE_MS, metrics: { b: 1 } },
        { timestamp_ms: now_ms - 1, metrics: { b: null } },
        { timestamp_ms: now_ms - 2, metrics: {} },
        { timestamp_ms: 1.5, metrics: { b: 1 } },
        { timestamp_ms: now_ms - 3, metrics: { 'a b': 1 } },
        { timestamp_ms: now_ms - 4, metrics: { s: 'é'.repeat(129) } },
        'point',
        good,
      ]);
      assert.equal(answer.status, 200);
      const rejected = answer.member('rejected');
      assert.ok(Array.isArray(rejected));
      assert.deepEqual(
        rejected.map((one: { index: number; code: string }) => [one.index, one.code]),
        [
          [1, 'conflict'],
          [2, 'timestamp_too_old'],
          [3, 'timestamp_in_future'],
          [5, 'invalid_point'],
          [6, 'invalid_point'],
          [7, 'invalid_point'],
          [8, 'invalid_point'],
          [9, 'invalid_point'],
          [10, 'invalid_point'],
        ],
      );
      assert.deepEqual([answer.member('accepted'), answer.member('duplicates')], [2, 1]);
      assert.deepEqual(await stored(), [{ timestamp_ms: now_ms + 5 * MINUTE_MS, metrics: { b: 1 } }, good]);
    });

    it('stores text that something else would obey as it is, and looks for no more than is asked', async () => {
      const words = [
        "' OR 1=1; DROP TABLE telemetry; --",
        '%_*',
        '=cmd|x',
        '\r\n\u001b[31m',
        '${process.env.PATH}',
        '\0',
      ];
      const metrics = Object.fromEntries(words.map((word, at) => [`text_${String(at)}`, word]));
      const point = { timestamp_ms: now_ms, metrics };
      assert.equal((await postPoints(controller, device.device_id, [point])).status, 200);
      assert.deepEqual(await stored(), [point]);
      for (const id of ["' OR 1=1 --", '%', '_%', '*', `${device.device_id}%`]) {
        const answer = await operator.get(`/v1/telemetry/recent?device_id=${encodeURIComponent(id)}`);
        assert.ok(answer.status === 400 || answer.status === 403, `${id}: ${answer.text}`);
      }
      const asked = `/v1/telemetry/recent?device_id=${device.device_id}&metrics=${encodeURIComponent("a' OR '1'='1")}`;
      assert.equal((await operator.get(asked)).code, 'malformed_request');
    });

    it('merges new names, refuses another value, and replaces it when asked to', async () => {
      await postPoints(controller, device.device_id, [{ timestamp_ms: now_ms, metrics: { a: 1 } }]);
      await postPoints(controller, device.device_id, [{ timestamp_ms: now_ms, metrics: { b: 2 } }]);
      const conflict = await postPoints(controller, device.device_id, [{ timestamp_ms: now_ms, metrics: { a: 3 } }]);
      assert.deepEqual([conflict.status, conflict.code], [422, 'nothing_accepted']);
      const points = [{ timestamp_ms: now_ms, metrics: { a: 3 } }];
      const replaced = await controller.post('/v1/telemetry', { device_id: device.device_id, points, overwrite: true });
      assert.equal(replaced.member('accepted'), 1);
      assert.deepEqual(await stored(), [{ timestamp_ms: now_ms, metrics: { a: 3, b: 2 } }]);
    });

    it('takes five writes a minute, answers duplicates beyond that, and opens again with the next minute', async () => {
      const point = (at: number) => ({ timestamp_ms: now_ms - at, metrics: { t: at } });
      for (let at = 0; at < 5; at += 1) {
        assert.equal((await postPoints(controller, device.device_id, [point(at)])).status, 200);
      }
      const sixth = await postPoints(controller, device.device_id, [point(5)]);
      assert.deepEqual(
        [sixth.status, sixth.code, sixth.member('limit'), sixth.member('used')],
        [429, 'device_write_budget', 5, 5],
      );
      const reset_ms = (Math.floor(now_ms / MINUTE_MS) + 1) * MINUTE_MS;
      assert.equal(sixth.member('reset_ms'), reset_ms);
      assert.equal(sixth.headers['retry-after'], String(Math.ceil((reset_ms - now_ms) / 1000)));
      const again = await postPoints(controller, device.device_id, [point(1)]);
      assert.equal(again.text, '{"accepted":0,"duplicates":1,"rejected":[]}');
      server.clock.set(reset_ms);
      assert.equal((await postPoints(controller, device.device_id, [point(5)])).status, 200);
    });

    it('knows the scheme of a device key in any case', async () => {
      const headers = { authorization: `bEARER ${device.key}` };
      const json = { device_id: device.device_id, points: [{ timestamp_ms: now_ms, metrics: { t: 1 } }] };
      assert.equal((await controller.send('POST', '/v1/telemetry', { headers, json })).status, 200);
    });

    it("refuses a device's key for another device, a viewer, and a disabled device", async () => {
      const other = await server.seed.device({ tenant_id: 'acme' });
      const viewer = await server.signIn(await server.seed.user({ tenant_id: 'acme', role: 'viewer' }));
      const disabled = await server.seed.device({ tenant_id: 'acme', disabled: true });
      const points = [{ timestamp_ms: now_ms, metrics: { t: 1 } }];
      assert.equal((await postPoints(controller, other.device_id, points)).code, 'device_forbidden');
      assert.equal((await postPoints(viewer, device.device_id, points)).code, 'role_required');
      assert.equal((await postPoints(server.device(disabled), disabled.device_id, points)).code, 'device_forbidden');
      assert.equal((await postPoints(operator, device.device_id, points)).status, 200);
    });

    it('tells of a known key used wrongly in the log of its own tenant', async () => {
      const [, key_id = ''] = /^bas_([0-9a-f]+)_/.exec(device.key) ?? [];
      const wrong = { authorization: `Bearer bas_${key_id}_${'A'.repeat(43)}` };
      const answer = await controller.send('POST', '/v1/telemetry', { headers: wrong, json: {} });
      assert.deepEqual([answer.status, answer.code], [401, 'unauthenticated']);
      const [event] = await server.seed.auditOf('acme', 'key.use');
      assert.deepEqual([event?.outcome, event?.device_id, event?.target], ['failure', device.device_id, key_id]);
    });

    it('refuses a revoked key as if it never was, and tells of its use in the log of its own tenant', async () => {
      const points = [{ timestamp_ms: now_ms, metrics: { t: 1 } }];
      assert.equal((await postPoints(controller, device.device_id, points)).status, 200);
      const [, key_id = ''] = /^bas_([0-9a-f]+)_/.exec(device.key) ?? [];
      const path = `/v1/devices/${device.device_id}/keys/${key_id}`;
      assert.equal((await operator.delete(path)).status, 204);
      assert.equal((await operator.delete(path)).code, 'not_found');
      const unknown = { ...device, key: device.key.replace(key_id, '0'.repeat(32)) };
      const [refused, stranger] = [
        await postPoints(controller, device.device_id, points),
        await postPoints(server.device(unknown), device.device_id, points),
      ];
      assert.deepEqual([refused.status, refused.code], [401, 'unauthenticated']);
      assert.deepEqual(visible(refused), visible(stranger));
      const told = await server.seed.auditOf('acme', 'key.use');
      const own = told.filter(({ target }) => target === key_id);
      assert.deepEqual(
        own.map(({ outcome, device_id, detail }) => [outcome, device_id, detail]),
        [['failure', device.device_id, 'revoked key']],
      );
      assert.equal((await stored()).length, 1);
    });

    const point = '{"timestamp_ms":1,"metrics":{"t":1}}';
    const bodyOf = (points: string, more = ''): string =>
      `{"device_id":"${device.device_id}","points":[${points}]${more}}`;
    const badBodies: Record<string, () => string | Uint8Array> = {
      'broken JSON': () => '{"device_id":',
      'no points': () => bodyOf(''),
      '1,001 points': () => bodyOf(Array.from({ length: 1_001 }, () => point).join(',')),
      'an unknown field': () => bodyOf(point, ',"tenant_id":"globex"'),
      'an unknown field in a point': () => bodyOf('{"timestamp_ms":1,"metrics":{"t":1},"x":1}'),
      'a duplicate key': () => bodyOf(point, ',"overwrite":false,"overwrite":false'),
      'a prototype key': () => bodyOf('{"timestamp_ms":1,"metrics":{"__proto__":1}}'),
      'an inexact number': () => bodyOf('{"timestamp_ms":1,"metrics":{"t":9007199254740993}}'),
      'an array': () => '[]',
      'bytes that are no text': () => Uint8Array.from([0xff, 0xfe, 0x00]),
      'a device id with a slash': () => `{"device_id":"a/b","points":[${point}]}`,
      'a device id that is a path': () => `{"device_id":"..","points":[${point}]}`,
      'a reserved document id': () => `{"device_id":"__x__","points":[${point}]}`,
    };
    for (const [name, body] of Object.entries(badBodies)) {
      it(`refuses ${name} as a whole and stores nothing`, async () => {
        const answer = await postBody(body());
        assert.deepEqual([answer.status, answer.code], [400, 'malformed_request']);
        assert.equal(answer.headers['content-type'], 'application/problem+json');
        assert.deepEqual(await stored(), []);
      });
    }

    it('refuses a body over a mebibyte, of another type, or compressed', async () => {
      assert.equal((await postBody(`"${' '.repeat(1_048_576)}"`)).code, 'body_too_large');
      assert.equal((await postBody(bodyOf(point), { 'content-type': 'text/plain' })).code, 'unsupported_media_type');
      const gzip = { ...JSON_TYPE, 'content-encoding': 'gzip' };
      assert.equal((await postBody(bodyOf(point), gzip)).code, 'unsupported_media_type');
      assert.equal((await controller.send('POST', '/v1/telemetry?dry=1', { json: {} })).status, 400);
    });
  });
}
