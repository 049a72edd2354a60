import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readDemo, type Demo } from '@bas/core/demo/file';
import { doors } from '../src/doors.ts';
import { schedules } from '../src/schedules.ts';
import { fewAtATime } from './deploy/deployed.ts';
import { makeCheckout, type Checkout } from './support/checkout.ts';
import { HttpClient } from './support/client.ts';
import { census, plantExpired, SWEPT_RETENTION, SWEPT_SESSIONS } from './support/expired.ts';
import { inhabit } from './support/inhabit.ts';
import { deviceCaller, signIn } from './support/people.ts';
import { pageOf, postPoints } from './support/telemetry.ts';
import { Terminal } from './support/terminal.ts';

const START_MS = 120_000;
const STOP_MS = 30_000;

describe('the Firebase emulators', function () {
  this.timeout(START_MS + STOP_MS);
  let checkout: Checkout;
  let file: string;
  let client: HttpClient;
  let terminal: Terminal | undefined;

  before(async () => {
    checkout = await makeCheckout();
    file = join(checkout.folder, 'data/demo/bas.sqlite');
    mkdirSync(dirname(file), { recursive: true });
  });
  after(() => checkout.remove());

  async function type(command: readonly [string, ...string[]], ready: string): Promise<Terminal> {
    await checkout.movePorts();
    client = new HttpClient(checkout.hostingUrl);
    terminal = new Terminal(checkout.folder, command);
    await terminal.until(ready, START_MS);
    return terminal;
  }

  /** A device posts through Hosting, a person signs in and sees the point with nothing but the `__session` cookie. */
  async function postAndQuery(person: Parameters<typeof signIn>[1], device: { device_id: string; key: string }) {
    const point = { timestamp_ms: Date.now(), metrics: { celsius: 21.5, occupied: true } };
    const receipt = await postPoints(deviceCaller(client, person.tenant_id, device.key), device.device_id, [point]);
    assert.deepEqual(receipt.json(), { accepted: 1, duplicates: 0, rejected: [] });
    const browser = await signIn(client, person);
    const cookie = String(browser.headers['cookie']);
    assert.match(cookie, /^__session=[\w-]+$/);
    // The demo's devices post by themselves, too, but never these.
    const path = `/v1/telemetry/recent?device_id=${device.device_id}&limit=1&metrics=celsius,occupied`;
    const answer = await browser.get(path);
    assert.deepEqual(pageOf(answer).points, [point]);
    assert.equal(answer.headers['x-read-count'], '0', 'the data is on SQLite');
    const renamed = cookie.replace('__session', 'session');
    assert.equal((await browser.get(path, { headers: { cookie: renamed } })).code, 'unauthenticated');
  }

  async function leavesNothing(stopped: Terminal): Promise<void> {
    assert.ok(stopped.look() > 3, 'the emulators are processes of their own');
    await stopped.interrupt(STOP_MS);
    const deadline_ms = Date.now() + 2_000;
    while (stopped.survivors().length > 0 && Date.now() < deadline_ms) await delay(50);
    assert.deepEqual(stopped.survivors(), []);
    await assert.rejects(fetch(checkout.hostingUrl));
  }

  describe('by npm start', () => {
    let running: Terminal;
    let demo: Demo;

    before(async () => {
      await plantExpired(file);
      running = await type(['npm', 'start'], 'Ctrl-C stops everything');
      const written = await readDemo(join(checkout.folder, 'data/demo/demo.json'));
      assert.ok(written);
      demo = written;
    });
    after(async () => {
      client.close();
      await terminal?.end();
    });

    it('show commands to paste that work', () => {
      const jar = join(checkout.folder, 'cookies');
      const pasted = [...running.printed.matchAll(/^ +(curl .+)$/gm)].map(([, line = '']) =>
        execFileSync('bash', ['-c', line.replaceAll('/tmp/bas-cookies', jar).replace('curl', 'curl -sS')], {
          encoding: 'utf8',
        }),
      );
      assert.equal(pasted.length, 3);
      assert.match(pasted[0] ?? '', /^{"accepted":1,/);
      assert.match(pasted[1] ?? '', /^{"user":{/);
      assert.match(pasted[2] ?? '', /"metrics":{"occupied":true,"temperature":21.5}/);
    });

    it('reach every route through Hosting, and answer a problem for any other', async () => {
      const health = await client.send('GET', '/v1/health');
      assert.deepEqual([health.status, health.member('status')], [200, 'ok']);
      assert.equal(health.headers['cache-control'], 'private, no-store');
      for (const path of ['/', '/app.js']) {
        const { status, headers } = await client.send('GET', path);
        assert.deepEqual([path, status, headers['cache-control']], [path, 200, 'no-cache']);
        assert.match(String(headers['content-security-policy']), /^default-src 'none'; script-src 'self';/);
      }
      assert.equal((await client.send('GET', '/v1/nothing')).code, 'not_found');
      // The emulator gives every request that comes meanwhile another process: one after the other for each function.
      await fewAtATime(Object.values(doors), 3, async (load) => {
        for (const { method, path } of (await load()).default.routes) {
          const json = method === 'GET' ? undefined : {};
          const answer = await client.send(method, path.replace(/\{\w+\}/g, 'x1'), { json });
          const open = /\/(health|openapi\.json)$/.test(path);
          assert.equal(open ? answer.status : answer.code, open ? 200 : 'tenant_mismatch', `${method} ${path}`);
        }
      });
    });

    it('take a point from a device and show it to who signs in, by the one cookie that Hosting passes on', async () => {
      const [tenant] = demo.tenants;
      const [person, device] = [tenant?.users.at(-1), tenant?.devices.at(-1)];
      assert.ok(tenant && person && device);
      await postAndQuery({ tenant_id: tenant.tenant_id, ...person }, device);
    });

    it('have their schedules called', async () => {
      const expected = { ...SWEPT_SESSIONS, ...SWEPT_RETENTION };
      const deadline_ms = Date.now() + 30_000;
      while (JSON.stringify(await census(file)) !== JSON.stringify(expected) && Date.now() < deadline_ms)
        await delay(100);
      assert.deepEqual(await census(file), expected);
      // Without the Pub/Sub emulator the CLI leaves scheduled functions out, and npm start does their work itself.
      if (!/^Ready \(.*pubsub/m.test(running.printed)) return;
      const log = readFileSync(join(checkout.folder, '.cache/start.log'), 'utf8');
      for (const name of Object.keys(schedules)) assert.match(log, new RegExp(`Finished "us-central1-${name}`));
    });

    it('are refused a second time, in one line', () => {
      const { PATH = '', HOME = '' } = process.env;
      const options = { cwd: checkout.folder, env: { PATH, HOME }, encoding: 'utf8' } as const;
      const { status, stdout, stderr } = spawnSync('npm', ['start', '--silent'], options);
      assert.deepEqual([status, stdout], [1, '']);
      assert.match(stderr, /^127\.0\.0\.1:\d+ \(functions\), .*\(hosting\).* are in use: [^\n]+\n$/);
    });

    it('leave no log in the folder itself', () => {
      assert.deepEqual(globSync('*.log', { cwd: checkout.folder }), []);
    });

    it('need no secrets', () => {
      const log = readFileSync(join(checkout.folder, '.cache/start.log'), 'utf8');
      assert.doesNotMatch(log, /secret/i);
      assert.deepEqual(globSync(['*.local', 'functions/*.local', 'functions/.*.local'], { cwd: checkout.folder }), []);
    });

    it('are gone after Ctrl-C', () => leavesNothing(running));
  });

  describe('by npx firebase emulators:start', () => {
    after(async () => {
      client.close();
      await terminal?.end();
    });

    it('work on SQLite, and are gone after Ctrl-C', async () => {
      const { suite, admin, device } = await inhabit({ SQLITE_FILE: file });
      await suite.close();
      const running = await type(['npx', 'firebase', 'emulators:start'], 'All emulators ready');
      await postAndQuery(admin, device);
      await leavesNothing(running);
    });
  });
});
