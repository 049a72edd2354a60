/** A server whose credentials are missing: nothing of it ends, and it says what somebody must see to. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDemo } from '@bas/core/demo/file';
import { HttpClient } from './support/client.ts';
import { finished, run, start, type Env } from './support/command.ts';
import { until } from './support/moving-box.ts';
import { signIn } from './support/people.ts';

/** No file where one is named, or none named and no machine of Google's around. */
const MISSING: Readonly<Record<string, Env>> = {
  'a key file that is gone': { GOOGLE_APPLICATION_CREDENTIALS: '/nowhere/account.json' },
  'no credentials at all': { METADATA_SERVER_DETECTION: 'none', HOME: '/nowhere' },
};
const PROJECT = { GCP_PROJECT_ID: 'demo-without' };
const CLOUD = { USE_FIRESTORE_TELEMETRY: '1', USE_FIRESTORE_AUDIT: '1', USE_FIRESTORE_AUTH: '1' };

describe('a server without credentials', function () {
  this.timeout(60_000);
  let folder: string;
  let client: HttpClient | undefined;
  let child: ReturnType<typeof start>;
  let ended: ReturnType<typeof finished>;
  let log: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bas-without-'));
    log = '';
  });
  afterEach(async () => {
    client?.close();
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });

  async function started(args: readonly string[], env: Env): Promise<HttpClient> {
    let printed = '';
    child = start('serve', ['--data', folder, '--port', '0', ...args], { ...PROJECT, ...env });
    ended = finished(child);
    // From its first line on: some of it comes before it listens.
    child.stderr.on('data', (chunk) => (log += String(chunk)));
    child.stdout.on('data', (chunk) => (printed += String(chunk)));
    const url = /Listening on (\S+)\n/;
    await until(() => url.test(printed));
    return (client = new HttpClient(url.exec(printed)?.[1] ?? ''));
  }

  const told = (text: string) => log.split('\n').filter((line) => line.includes(text));

  /** Its stop is the end of it, and no error before. */
  async function endsWell(): Promise<void> {
    child.kill('SIGTERM');
    assert.equal((await ended).code, 0);
    assert.deepEqual(told('"CRITICAL"'), []);
  }

  for (const [what, missing] of Object.entries(MISSING)) {
    it(`answers from its file while its log cannot be shipped, by ${what}`, async () => {
      const asked = await started(['--ship-logs'], missing);
      assert.equal((await asked.send('GET', '/v1/health')).status, 200);
      await until(() => told('the log cannot be shipped').length > 0);
      assert.equal((await asked.send('GET', '/v1/health')).status, 200);
      await endsWell();
    });

    it(`answers from its file while nothing of it can be delivered, by ${what}`, async () => {
      const asked = await started(['--demo', '--no-simulation'], { ...CLOUD, USE_FIRESTORE_AUTH: '0', ...missing });
      await until(() => told('delivery to Firestore waits').length > 0);
      const [tenant] = (await readDemo(join(folder, 'demo.json')))?.tenants ?? [];
      const admin = tenant?.users.find(({ role }) => role === 'admin');
      assert.ok(tenant && admin);
      const caller = await signIn(asked, { ...admin, tenant_id: tenant.tenant_id });
      const device_id = tenant.devices[0]?.device_id ?? '';
      for (const path of [`/v1/telemetry/recent?device_id=${device_id}`, '/v1/audit']) {
        assert.equal((await caller.get(path)).status, 200, path);
      }
      assert.equal(told('"alert":"firestore_access_refused"').length, 1);
      await endsWell();
    });

    it(`answers 503 while Firestore cannot be asked, by ${what}`, async () => {
      const asked = await started([], { ...CLOUD, ...missing });
      for (let n = 0; n < 3; n += 1) {
        const json = { username: 'ada', password: 'correct horse' };
        const answer = await asked.send('POST', '/v1/login', { headers: { 'x-bas-tenant': 'acme' }, json });
        assert.deepEqual([answer.status, answer.code], [503, 'store_unavailable']);
        assert.equal(answer.headers['retry-after'], '30');
      }
      await until(() => told('"alert":"firestore_access_refused"').length > 0);
      assert.ok(told('there are no credentials').length >= 3);
      await endsWell();
    });
  }
});

describe('a command without credentials', () => {
  it('says in one line what to look at', async () => {
    const env = { ...PROJECT, ...CLOUD, ...MISSING['a key file that is gone'] };
    const { code, stderr } = await run('admin', ['list'], { env });
    assert.deepEqual([code, stderr.trim().split('\n').length], [1, 1], stderr);
    assert.match(stderr, /credentials/);
  }).timeout(20_000);
});
