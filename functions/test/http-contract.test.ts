import assert from 'node:assert/strict';
import type { Door } from '@bas/core';
import { doors as catalogue } from '../src/doors.ts';
import type { SeededDevice } from './support/seed.ts';
import { startServer, type Browser, type TestServer } from './support/server.ts';

describe('HTTP contract', () => {
  let server: TestServer;
  let doors: Door[];
  let viewer: Browser;
  let device: SeededDevice;

  before(async () => {
    doors = await Promise.all(Object.values(catalogue).map(async (load) => (await load()).default));
    server = await startServer({ store: 'sqlite', doors, config: { allowed_origins: ['https://bas.example'] } });
    await server.seed.tenant('acme');
    await server.seed.tenant('globex');
    viewer = await server.signIn(await server.seed.user({ tenant_id: 'acme', role: 'viewer' }));
    device = await server.seed.device({ tenant_id: 'acme' });
  });
  after(() => server.close());

  const path = (template: string): string => template.replace(/\{[a-z_]+\}/g, 'x1');

  it('the catalogue has one door per name', () => {
    assert.deepEqual(
      doors.map(({ name }) => name),
      Object.keys(catalogue),
    );
  });

  it('checks in order: method, tenant header, credential, tenant, role, body, device', async () => {
    const { client } = server;
    const bad = { body: 'not json', headers: { 'content-type': 'text/plain' } };
    const tenant = { 'x-bas-tenant': 'acme' };
    const codes = [
      await client.send('PUT', '/v1/telemetry', bad),
      await client.send('POST', '/v1/telemetry', bad),
      await client.send('POST', '/v1/telemetry', { ...bad, headers: { ...bad.headers, ...tenant } }),
      await viewer.send('POST', '/v1/telemetry', { ...bad, headers: { ...bad.headers, 'x-bas-tenant': 'globex' } }),
      await viewer.send('POST', '/v1/telemetry', bad),
      await server.device(device).send('POST', '/v1/telemetry', bad),
      await server.device(device).send('POST', '/v1/telemetry', { json: { device_id: 'other', points: [] } }),
      await server.device(device).send('POST', '/v1/telemetry', { json: { device_id: 'other', points: [1] } }),
    ].map(({ code }) => code);
    assert.deepEqual(codes, [
      'method_not_allowed',
      'tenant_mismatch',
      'unauthenticated',
      'tenant_mismatch',
      'role_required',
      'unsupported_media_type',
      'malformed_request',
      'device_forbidden',
    ]);
  });

  it('every route, whatever it answers, is never cached, varies by cookie and tenant, and carries a request id', async () => {
    for (const { routes } of doors) {
      for (const route of routes) {
        for (const method of [route.method, 'HEAD', 'TRACE', 'OPTIONS', 'PUT']) {
          const answer = await server.client.send(method, path(route.path));
          const at = `${method} ${route.path}`;
          assert.equal(answer.headers['cache-control'], 'private, no-store', at);
          assert.match(String(answer.headers.vary), /^Cookie, X-BAS-Tenant/, at);
          assert.match(String(answer.headers['x-request-id']), /^[0-9a-f-]{36}$/, at);
          assert.equal(answer.headers['x-content-type-options'], 'nosniff', at);
          assert.equal(answer.headers['strict-transport-security'], 'max-age=31536000', at);
          if (method !== route.method) assert.equal(answer.status, 405, at);
        }
      }
    }
  });

  it('a tenant header that is missing, doubled, joined, in other case or padded is refused', async () => {
    for (const value of ['', ['acme', 'acme'], 'acme, acme', 'ACME', 'acme,globex', 'globex']) {
      const answer = await viewer.get('/v1/session', { headers: { 'x-bas-tenant': value } });
      assert.deepEqual([answer.status, answer.code], [403, 'tenant_mismatch'], String(value));
    }
  });

  it('every route of a tenant wants the header that no form can send, whatever else is sent', async () => {
    const { cookie = '', 'user-agent': agent = '' } = viewer.headers;
    const headers = { cookie, 'user-agent': agent, origin: 'https://evil.example', 'content-type': 'text/plain' };
    for (const { routes } of doors) {
      for (const route of routes.filter(({ capability }) => capability !== 'nobody')) {
        const sent = route.method === 'GET' ? { headers } : { headers, body: '{}' };
        const answer = await server.client.send(route.method, path(route.path), sent);
        assert.deepEqual([answer.status, answer.code], [403, 'tenant_mismatch'], `${route.method} ${route.path}`);
      }
    }
  });

  it('tells of every refusal: with the tenant that was proven, else in the log of the platform', async () => {
    // Later than the refusals of other tests: equal times have no order that a test could know.
    server.clock.advance(1);
    await viewer.get('/v1/session', { headers: { 'x-bas-tenant': 'globex' } });
    const [own] = await server.seed.auditOf('acme', 'access.refused');
    assert.deepEqual([own?.outcome, own?.detail, own?.user_id === null], ['refused', 'tenant_mismatch', false]);
    assert.equal(own?.target, 'GET session globex');
    assert.deepEqual(await server.seed.auditOf('globex', 'access.refused'), []);
    await server.client.send('GET', '/v1/session');
    assert.ok((await server.seed.auditOf('system', 'access.refused')).length > 0);
  });

  it('tells of one kind of refusal though another floods the log, and of what was asked for', async () => {
    for (let at = 0; at < 40; at += 1) await viewer.get('/v1/users');
    await viewer.get('/v1/telemetry/recent?device_id=chiller-9');
    const events = await server.seed.auditOf('acme', 'access.refused');
    assert.equal(events.filter(({ detail }) => detail === 'role_required').length, 30);
    assert.ok(events.some(({ target }) => target === 'GET recentTelemetry chiller-9'));
  });

  it('answers a preflight of a listed origin and no other', async () => {
    const preflight = (origin: string) =>
      server.client.send('OPTIONS', '/v1/session', { headers: { origin, 'access-control-request-method': 'GET' } });
    const listed = await preflight('https://bas.example');
    assert.equal(listed.status, 204);
    assert.equal(listed.headers['access-control-allow-origin'], 'https://bas.example');
    assert.equal(listed.headers['access-control-allow-credentials'], 'true');
    for (const origin of ['https://evil.example', 'null', 'https://bas.example.evil', 'http://bas.example']) {
      const answer = await preflight(origin);
      assert.equal(answer.status, 405, origin);
      assert.equal(answer.headers['access-control-allow-origin'], undefined, origin);
    }
  });

  it('knows its paths with and without /v1 and no others', async () => {
    assert.equal((await server.client.send('GET', '/health')).status, 200);
    for (const unknown of ['/v1/telemetry/recents', '/v2/health', '/v1/v1/health', '/v1//health', '/v1/health/']) {
      const answer = await server.client.send('GET', unknown);
      assert.deepEqual([answer.status, answer.code], [404, 'not_found'], unknown);
      assert.equal(answer.headers['cache-control'], 'private, no-store', unknown);
    }
  });

  it('health needs nobody and tells no secret', async () => {
    const answer = await server.client.send('GET', '/v1/health');
    const report = answer.json();
    assert.ok(typeof report === 'object' && report !== null);
    assert.deepEqual(Object.keys(report), ['status', 'build', 'flags', 'gate', 'breakers']);
    assert.equal(answer.headers['x-read-count'], undefined);
  });

  it('describes every route in OpenAPI 3.1', async () => {
    const answer = await server.client.send('GET', '/v1/openapi.json');
    assert.equal(answer.member('openapi'), '3.1.0');
    const paths = answer.member('paths');
    assert.ok(typeof paths === 'object' && paths !== null);
    const described = Object.entries(paths).flatMap(([at, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${at}`),
    );
    const served = doors.flatMap(({ routes }) => routes.map((route) => `${route.method} ${route.path}`));
    assert.deepEqual(described.sort(), served.sort());
    const busy = answer.text.match(/"503":\{"description":"[^"]*\boverloaded\b/g) ?? [];
    assert.equal(busy.length, served.length, 'any may be asked for too often at once');
  });
});
