import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { readDemo, type Demo } from '@bas/core/demo/file';
import { HttpClient } from './support/client.ts';
import { homeEnv, serve, type Served } from './support/command.ts';
import { deviceCaller, signIn } from './support/people.ts';
import { STORES } from './support/server.ts';

describe('serve', function () {
  this.timeout(60_000);
  let folder: string;
  const running: Served[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bas-serve-'));
  });
  afterEach(async () => {
    for (const { child, ended } of running.splice(0)) {
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  async function started(args: readonly string[] = [], env = {}): Promise<Served> {
    const served = await serve(['--data', folder, ...args], env);
    running.push(served);
    return served;
  }

  async function demo(): Promise<Demo> {
    const found = await readDemo(join(folder, 'demo.json'));
    assert.ok(found);
    return found;
  }

  for (const store of STORES) {
    it(`is ready in 5 seconds with a demo that works, and a second start keeps it, on ${store}`, async () => {
      const env = homeEnv(store);
      const first = await started(['--demo'], env);
      const seeded = await demo();
      assert.equal(seeded.base_url, first.url);
      assert.equal(statSync(join(folder, 'demo.json')).mode & 0o777, 0o600);
      await everybodySignsIn(first.url, seeded);
      const stopped = await first.stop();
      assert.deepEqual([stopped.code, stopped.stderr], [0, '']);
      assert.match(stopped.stdout, /^Demo sign-ins [\s\S]*\nStopped\.\n$/m);

      const second = await started(['--demo'], env);
      assert.deepEqual(await demo(), { ...seeded, base_url: second.url });
      await everybodySignsIn(second.url, seeded);
      // Other tests may keep the machine busy; what it can do shows in the better of two.
      assert.ok(Math.min(first.ready_ms, second.ready_ms) < 5_000, `${first.ready_ms} and ${second.ready_ms} ms`);
    });
  }

  async function everybodySignsIn(url: string, { platform_admin, tenants }: Demo): Promise<void> {
    const client = new HttpClient(url);
    await signIn(client, platform_admin);
    assert.deepEqual(
      tenants.map(({ tenant_id, users, devices }) => [tenant_id, users.map(({ role }) => role), devices.length]),
      [
        ['acme', ['admin', 'operator', 'viewer'], 3],
        ['globex', ['admin', 'operator', 'viewer'], 3],
      ],
    );
    for (const { tenant_id, users } of tenants) {
      await Promise.all(users.map((user) => signIn(client, { tenant_id, ...user })));
    }
    client.close();
  }

  it('shows commands to paste that work', async () => {
    const { child, ended } = await started(['--demo']);
    const jar = join(folder, 'cookies');
    child.kill('SIGINT');
    const { stdout } = await ended;
    const { port } = new URL(/http\S+/.exec(stdout)?.[0] ?? '');
    await started(['--demo', '--port', port]);
    const pasted = [...stdout.matchAll(/^ +(curl .+)$/gm)].map(([, line = '']) =>
      execFileSync('bash', ['-c', line.replaceAll('/tmp/bas-cookies', jar).replace('curl', 'curl -sS')], {
        encoding: 'utf8',
      }),
    );
    assert.match(
      pasted.join('\n'),
      /^{"accepted":1,.*\n{"user":{.*\n{.*"metrics":{"occupied":true,"temperature":21.5}/,
    );
  });

  it('serves the page with a policy that keeps other code out, and problems for everything else', async () => {
    const { url } = await started();
    const client = new HttpClient(url);
    const page = await client.send('GET', '/');
    assert.equal(page.status, 200);
    assert.match(page.headers['content-type'] ?? '', /^text\/html/);
    assert.match(String(page.headers['content-security-policy']), /^default-src 'none'; script-src 'self'/);
    const again = await client.send('GET', '/', { headers: { 'if-none-match': page.headers.etag ?? '' } });
    assert.deepEqual([again.status, again.text], [304, '']);
    const coded = { headers: { 'accept-encoding': 'gzip' } };
    const [plain, packed] = [await client.send('GET', '/app.js'), await client.send('GET', '/app.js', coded)];
    assert.deepEqual([plain.headers['content-encoding'], packed.headers['content-encoding']], [undefined, 'gzip']);
    assert.ok(Number(packed.headers['content-length']) * 2 < plain.text.length);
    assert.equal((await client.send('POST', '/')).code, 'method_not_allowed');
    assert.equal((await client.send('GET', '/v1/health')).member('status'), 'ok');
    for (const path of ['/v1/nothing', '/nothing', '/package.json', '/index.html/', '/%2e%2e/package.json', '/v1']) {
      const answer = await client.send('GET', path);
      assert.deepEqual([path, answer.status, answer.code], [path, 404, 'not_found']);
      assert.equal(answer.headers['cache-control'], 'private, no-store');
    }
    client.close();
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.end('GET /../package.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.match(await text(socket), /^HTTP\/1\.1 404 /);
  });

  it('finishes what it is answering when it is asked to stop, and takes nothing new', async () => {
    const { url, child, ended } = await started(['--demo']);
    const tenant = (await demo()).tenants[0];
    const device = tenant?.devices[0];
    const points = [{ timestamp_ms: Date.now(), metrics: { value: 1 } }];
    const body = JSON.stringify({ device_id: device?.device_id, points });
    const port = Number(new URL(url).port);
    const socket = connect(port, '127.0.0.1');
    const heard = text(socket);
    const headers = ['Host: x', 'Content-Type: application/json', `Content-Length: ${body.length}`];
    const credentials = [`X-BAS-Tenant: ${tenant?.tenant_id}`, `Authorization: Bearer ${device?.key}`];
    socket.write(
      `POST /v1/telemetry HTTP/1.1\r\n${[...headers, ...credentials].join('\r\n')}\r\n\r\n${body.slice(0, 5)}`,
    );
    await delay(200);
    child.kill('SIGTERM');
    await delay(200);
    const late = connect(port, '127.0.0.1');
    const [refused] = (await once(late, 'error')) as [NodeJS.ErrnoException];
    assert.equal(refused.code, 'ECONNREFUSED');
    socket.write(body.slice(5));
    assert.match(await heard, /^HTTP\/1\.1 200 [\s\S]*"accepted":1/);
    assert.equal((await ended).code, 0);
  });

  it('loses no acknowledged point when it is killed', async () => {
    const first = await started(['--demo']);
    const { tenants } = await demo();
    const acknowledged = new Map<string, number[]>();
    const posting = tenants.flatMap(({ tenant_id, devices }) =>
      devices.map((device) => postUntilDead(first.url, { tenant_id, ...device }, acknowledged)),
    );
    while ([...acknowledged.values()].flat().length < 400) await delay(1);
    first.child.kill('SIGKILL');
    await Promise.all(posting);
    await first.ended;

    const { url } = await started(['--demo']);
    const client = new HttpClient(url);
    for (const { tenant_id, users, devices } of tenants) {
      const viewer = users.find(({ role }) => role === 'viewer');
      assert.ok(viewer);
      const browser = await signIn(client, { tenant_id, ...viewer });
      for (const { device_id } of devices) {
        const page = await browser.get(`/v1/telemetry/recent?device_id=${device_id}&limit=1000`);
        const stored = new Set([...page.text.matchAll(/"timestamp_ms":(\d+)/g)].map(([, time]) => Number(time)));
        const lost = (acknowledged.get(device_id) ?? []).filter((time_ms) => !stored.has(time_ms));
        assert.deepEqual(lost, [], device_id);
      }
    }
    client.close();
  });

  async function postUntilDead(
    url: string,
    { tenant_id, device_id, key }: { tenant_id: string; device_id: string; key: string },
    acknowledged: Map<string, number[]>,
  ): Promise<void> {
    const client = new HttpClient(url);
    const device = deviceCaller(client, tenant_id, key);
    const base_ms = Date.now() - 60_000;
    try {
      for (let request = 0; ; request += 1) {
        const times_ms = Array.from({ length: 50 }, (_, at) => base_ms + request * 50 + at);
        const points = times_ms.map((timestamp_ms) => ({ timestamp_ms, metrics: { value: timestamp_ms % 97 } }));
        const answer = await device.post('/v1/telemetry', { device_id, points });
        if (answer.status === 200) acknowledged.set(device_id, [...(acknowledged.get(device_id) ?? []), ...times_ms]);
      }
    } catch {
      client.close();
    }
  }

  it('serves HTTPS with a certificate', async () => {
    const cert = join(folder, 'cert.pem');
    const key = join(folder, 'key.pem');
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-days', '2'];
    const files = ['-keyout', key, '-out', cert];
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', ['req', ...kind, ...subject, ...files], { stdio: 'ignore' });
    const { url } = await started(['--tls-cert', cert, '--tls-key', key]);
    assert.match(url, /^https:\/\/127\.0\.0\.1:\d+$/);
    const outgoing = httpsRequest(new URL('/v1/health', url), { ca: readFileSync(cert), agent: false }).end();
    const [incoming] = (await once(outgoing, 'response')) as [import('node:http').IncomingMessage];
    assert.equal(incoming.statusCode, 200);
    assert.match(await text(incoming), /"status":"ok"/);
  });
});
