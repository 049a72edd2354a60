import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { gzipSync } from 'node:zlib';
import { join, relative } from 'node:path';
import { rootDir } from '../../scripts/lib/paths.ts';
import { schedules } from '../src/schedules.ts';
import { deploy, fewAtATime, type Deployed } from './deploy/deployed.ts';
import { accountsOf, discover } from './deploy/discovery.ts';
import { everyFunctionAnswers, withFunction } from './deploy/running.ts';
import { homeEnv } from './support/command.ts';
import { census, EVERYTHING, plantExpired, SWEPT_RETENTION, SWEPT_SESSIONS } from './support/expired.ts';
import { STORES } from './support/server.ts';

const MARK = 'planted, and must stay at home';
/** Secrets, local settings, logs, tests, sources and leftovers, at the top and below it. */
const PLANTED = [
  '.secret.local',
  '.secret.production',
  '.env',
  '.env.local',
  '.env.demo-bas',
  'config.local',
  'firebase-debug.log',
  'lib/.secret.local',
  'lib/.env',
  'lib/notes.local',
  'lib/health.test.js',
  'lib/chunks/health.test.js',
  'lib/chunks/health.ts',
  'lib/compile-cache/old',
  'lib-123/index.js',
  'node_modules/planted/index.js',
  'core/planted.js',
  'src/planted.js',
  'test/planted.js',
  'bench/planted.js',
  '.git/config',
];
const TRAVELS =
  /^(\.npmrc|package(-lock)?\.json|lib\/(catalogue|index|warm)\.js|lib\/chunks\/[\w.-]+-[0-9A-Z]{8}\.js)$/;

/** What a deploy would create. */
const CATALOGUE = [
  'account | https public | us-central1 | 1024MiB | x20 | 60s | secrets: none',
  'auditEvents | https public | us-central1 | 512MiB | x80 | 60s | secrets: none',
  'checkIndexReadiness | every 5 minutes Etc/UTC, 1 retry | us-central1 | 512MiB | x default | 300s | secrets: none',
  'compareStores | every 5 minutes Etc/UTC, 1 retry | us-central1 | 512MiB | x default | 300s | secrets: none',
  'cutover | https public | us-central1 | 512MiB | x4 | 300s | secrets: none',
  'devices | https public | us-central1 | 512MiB | x80 | 60s | secrets: none',
  'guardCutover | every 1 minutes Etc/UTC, 1 retry | us-central1 | 512MiB | x default | 300s | secrets: none',
  'health | https public | us-central1 | 512MiB | x80 | 60s | secrets: none',
  'ingestTelemetry | https public | us-central1 | 512MiB | x80 | 60s | secrets: none',
  'latestTelemetry | https public | us-central1 | 512MiB | x80 | 60s | secrets: none',
  'login | https public | us-central1 | 1024MiB | x20 | 60s | secrets: AUTH_ADMIN_USERNAME=auth-admin-username,AUTH_ADMIN_PASSWORD_HASH=auth-admin-password-hash',
  'logout | https public | us-central1 | 512MiB | x80 | 60s | secrets: none',
  'openapi | https public | us-central1 | 512MiB | x80 | 60s | secrets: none',
  'recentTelemetry | https public | us-central1 | 512MiB | x80 | 60s | secrets: none',
  'sealAudit | every 10 minutes Etc/UTC, 1 retry | us-central1 | 512MiB | x default | 300s | secrets: none',
  'session | https public | us-central1 | 512MiB | x80 | 60s | secrets: none',
  'sweepRetention | every 60 minutes Etc/UTC, 1 retry | us-central1 | 512MiB | x default | 300s | secrets: none',
  'sweepSessions | every 5 minutes Etc/UTC, 1 retry | us-central1 | 512MiB | x default | 300s | secrets: none',
  'usage | https public | us-central1 | 512MiB | x80 | 60s | secrets: none',
  'users | https public | us-central1 | 1024MiB | x20 | 60s | secrets: none',
  'windowTelemetry | https public | us-central1 | 512MiB | x80 | 60s | secrets: none',
];

/** What a process holds in memory. */
function memory_bytes(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1_024;
}

describe('a deploy', function () {
  this.timeout(180_000);
  let deployed: Deployed;
  let folder: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bas-deploy-data-'));
    deployed = await deploy(Object.fromEntries(PLANTED.map((file) => [file, MARK])));
  });
  after(() => {
    deployed.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes the bundle, the lock file and nothing else', () => {
    const { folder, files } = deployed;
    assert.deepEqual(
      files.filter((file) => !TRAVELS.test(file)),
      [],
    );
    for (const file of ['.npmrc', 'package.json', 'package-lock.json', 'lib/index.js', 'lib/catalogue.js']) {
      assert.ok(files.includes(file), file);
    }
    const marked = files.filter((file) => readFileSync(join(folder, file), 'utf8').includes(MARK));
    assert.deepEqual(marked, []);
  });

  it('is built outside the repository, without development packages, with its compile cache', () => {
    const { folder } = deployed;
    assert.match(relative(rootDir, folder), /^\.\./);
    const packages = readdirSync(join(folder, 'node_modules'));
    for (const name of ['firebase-functions', 'argon2', 'better-sqlite3']) assert.ok(packages.includes(name), name);
    for (const name of ['firebase-functions-test', '@bas']) assert.ok(!packages.includes(name), name);
    assert.ok(existsSync(join(folder, 'lib/compile-cache')));
    const cached = readdirSync(join(folder, 'lib/compile-cache'), { recursive: true });
    assert.ok(cached.length > 20, `${cached.length} files in the compile cache`);
  });

  it('is discovered by the Firebase CLI, every function with its trigger and limits', async () => {
    assert.deepEqual(await discover(deployed.folder), CATALOGUE);
  });

  it("runs as the environment's own account, all of it, and asks for it rather than run as a wider one", async () => {
    assert.deepEqual(await accountsOf(deployed.folder, { SERVICE_ACCOUNT: 'bas-app-prod@' }), ['bas-app-prod@']);
    await assert.rejects(accountsOf(deployed.folder, {}), /no value for .*SERVICE_ACCOUNT/);
  });

  for (const store of STORES) {
    it(`answers from every HTTPS function on ${store}`, async () => {
      await everyFunctionAnswers(deployed, { SQLITE_FILE: join(folder, 'bas.sqlite'), ...homeEnv(store) });
    });
  }

  it('sees bodies as they were sent: broken, compressed or large, each is a problem document', async () => {
    await withFunction(deployed, ['login', { SQLITE_FILE: join(folder, 'bas.sqlite') }], async (client, { pid }) => {
      const headers = { 'x-bas-tenant': 'acme', 'content-type': 'application/json' };
      const bomb = gzipSync(Buffer.alloc(200_000_000, ' '));
      const bodies = [
        ['{"a":', {}, 'malformed_request'],
        ['{"username":"a","username":"b","password":"c"}', {}, 'malformed_request'],
        [bomb, { 'content-encoding': 'gzip' }, 'unsupported_media_type'],
        [Buffer.alloc(1_048_577, ' '), {}, 'body_too_large'],
      ] as const;
      for (const [body, more, code] of bodies) {
        const answer = await client.send('POST', '/v1/login', { body, headers: { ...headers, ...more } });
        assert.deepEqual([answer.code, answer.headers['cache-control']], [code, 'private, no-store']);
      }
      assert.ok(memory_bytes(pid) < 300_000_000, `${String(memory_bytes(pid))} bytes`);
    });
  });

  it('answers a problem document when it is not set up, and tells its log why', async () => {
    await withFunction(deployed, ['health', {}], async (client, running) => {
      const answer = await client.send('GET', '/v1/health');
      assert.deepEqual([answer.status, answer.code], [500, 'internal']);
      assert.match(running.printed(), /SQLITE_FILE: name the file/);
    });
  });

  it('answers at its bare URL', async () => {
    await withFunction(deployed, ['health', { SQLITE_FILE: join(folder, 'bas.sqlite') }], async (client) => {
      assert.equal((await client.send('GET', '/')).status, 200);
    });
  });

  it('sweeps when its schedules call', async () => {
    const file = join(folder, 'sweeps.sqlite');
    await plantExpired(file);
    assert.deepEqual(await census(file), EVERYTHING);
    await fewAtATime(Object.keys(schedules), 2, async (name) => {
      await withFunction(deployed, [name, { SQLITE_FILE: file }], async (client, running) => {
        const answer = await client.send('POST', '/', { json: {}, headers: { 'x-cloudscheduler': 'true' } });
        assert.equal(answer.status, 200, running.printed());
        const done =
          /"severity":"INFO","message":"(\d+ [\w ]+ removed|\d+ audit events sealed by \d seals|nothing to do: [\w ]+)"/;
        // The answer may overtake what was printed before it.
        for (let waits = 0; waits < 50 && !done.test(running.printed()); waits += 1) await sleep(20);
        assert.match(running.printed(), done);
      });
    });
    assert.deepEqual(await census(file), { ...SWEPT_SESSIONS, ...SWEPT_RETENTION });
  });

  it('fails a sweep that could not be done, and logs the whole error', async () => {
    await withFunction(deployed, ['sweepSessions', { SQLITE_FILE: '/dev/null/bas' }], async (client, running) => {
      assert.equal((await client.send('POST', '/', { json: {} })).status, 500);
      assert.match(running.printed(), /"schedule failed","time":"[^"]+","stack":"SetupError: [^"]+\\n +at /);
    });
  });
});
