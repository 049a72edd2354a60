/** A secret is rotated as a deployment does it: a new process beside the old one, and then without it. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readDeclared } from '../../scripts/lib/provision/declared.ts';
import { GoogleCloud } from './provision/google-cloud.ts';
import { PROJECT, provisionHere, provisionWith } from './provision/running.ts';
import { run, runWithNpm, serve, type Env, type Served } from './support/command.ts';
import { HttpClient } from './support/client.ts';
import { makeLegacy } from './support/legacy.ts';
import { MigrationPlace } from './support/migration.ts';
import { MigrationReport } from './support/migration-report.ts';
import { Steady } from './support/steady.ts';

const PASSWORD = 'stays the same throughout';
const MINUTE_MS = 60_000;

describe('rotation of firestore-project-id', function () {
  this.timeout(120_000);

  const running: Served[] = [];
  afterEach(() => Promise.all(running.splice(0).map((one) => one.stop())));

  async function started(env: Env): Promise<Served> {
    const served = await serve([], env);
    running.push(served);
    return served;
  }

  function versionOf(project: string): Env {
    const host = process.env['FIRESTORE_EMULATOR_HOST'];
    assert.ok(host, 'run this through `npm test -- <file>`');
    const flags = { USE_FIRESTORE_TELEMETRY: '1', USE_FIRESTORE_AUDIT: '1', USE_FIRESTORE_AUTH: '1' };
    // What every deployed function is told besides; it must not hide the secret.
    return { ...flags, FIRESTORE_EMULATOR_HOST: host, GCLOUD_PROJECT: 'demo-platform', FIRESTORE_PROJECT_ID: project };
  }

  async function people(env: Env): Promise<void> {
    const tenant = ['--tenant', 'acme'];
    assert.equal((await runWithNpm('admin', ['create-tenant', ...tenant], { env })).code, 0);
    const user = [...tenant, '--username', 'ada', '--role', 'admin'];
    assert.equal((await run('admin', ['create-user', ...user], { env, input: `${PASSWORD}\n` })).code, 0);
  }

  async function signIn(url: string): Promise<number> {
    const client = new HttpClient(url);
    const headers = { 'x-bas-tenant': 'acme', 'user-agent': 'Mozilla/5.0 Firefox/140.0' };
    const { status } = await client.send('POST', '/v1/login', {
      headers,
      json: { username: 'ada', password: PASSWORD },
    });
    client.close();
    return status;
  }

  it('takes effect in the new process, and no request fails on the way', async () => {
    const [old, next] = [versionOf(`demo-${randomUUID()}`), versionOf(`demo-${randomUUID()}`)];
    await people(old);
    const first = await started(old);
    let at = first.url;
    const requests = new Steady(async () => {
      const url = at;
      return { url, status: await signIn(url) };
    });
    await requests.more(3);
    const second = await started(next);
    assert.equal(await signIn(second.url), 401, 'each has the project it was given');
    await people(next);
    at = second.url;
    await requests.settled();
    await first.stop();
    await requests.more(3);
    const answers = await requests.end();
    assert.deepEqual(
      answers.filter(({ status }) => status !== 200),
      [],
    );
    assert.deepEqual([...new Set(answers.map(({ url }) => url))], [first.url, second.url]);
  });
});

describe('rotation of telemetry-backfill-start-ms', function () {
  this.timeout(60_000);
  const place = new MigrationPlace();
  after(() => place.remove());

  it('takes effect in the next run, which goes on from what is there', async () => {
    const { legacy, newest_ms } = place;
    // Ten points an hour: a bucket is a day.
    makeLegacy(legacy, { devices: 1, points_per_device: 240 * 6, interval_ms: 6 * MINUTE_MS, newest_ms });
    const to = await place.target('sqlite');
    const migrated = async (from_ms: number): Promise<MigrationReport> => {
      const env = { ...to.env, TELEMETRY_BACKFILL_START_MS: String(from_ms) };
      const words = place.words(to, 'telemetry', ['--tenant', 'acme']);
      const { code, stdout, stderr } = await runWithNpm('migrate', words, { env });
      assert.equal(code, 0, stderr);
      return MigrationReport.parse(JSON.parse(stdout));
    };
    const day_ms = 24 * 60 * MINUTE_MS;
    const first = await migrated(newest_ms - day_ms);
    const second = await migrated(newest_ms - 3 * day_ms);
    assert.deepEqual([first.from_ms, second.from_ms], [newest_ms - day_ms, newest_ms - 3 * day_ms]);
    assert.deepEqual([first.already_there, second.already_there], [0, first.stored]);
    assert.equal(second.stored, 2 * 240);
  });
});

describe('rotation in Secret Manager', function () {
  this.timeout(120_000);
  const cloud = new GoogleCloud();
  before(() => cloud.start());
  after(() => {
    cloud.stop();
  });

  const HASH = '$argon2id$v=19$m=65536,p=1,t=3$W8pEnv3lGdESgW3QVQ6Icg$En32UJRukTxTF56b/a4Uj42Pej62BQWSD2lDBGuuu1I';
  const VALUES: Readonly<Record<string, readonly [old: string, next: string]>> = {
    'auth-admin-password-hash': [HASH, HASH.replace('W8pEnv', 'X9qFow')],
    'auth-admin-username': ['root', 'someone'],
    'firestore-project-id': ['demo-old', 'demo-next'],
    'telemetry-backfill-start-ms': ['1795000000000', '1795399649426'],
  };

  it('adds a version to each secret, and none for the value that is there', async () => {
    await provisionHere(cloud, (step) => step === 'secrets');
    const { secrets } = readDeclared({ project: PROJECT, env: 'prod' });
    assert.deepEqual(Object.keys(VALUES), secrets);
    for (const [name, [old, next]] of Object.entries(VALUES)) {
      const told: string[] = [];
      for (const value of [old, next, next]) {
        const { code, lines, err } = await provisionWith(cloud, ['--secret', name], { input: value });
        assert.equal(code, 0, err);
        told.push(lines[0] ?? '');
      }
      const changed = `~ secret value ${name}  (another value)`;
      assert.deepEqual(told, [`+ secret value ${name}`, changed, `= secret value ${name}`]);
      const kept = cloud.world('secretmanager').list(`projects/${PROJECT}/secrets/${name}/versions`);
      const stored = kept.map((version) => JSON.stringify(version['payload']));
      assert.deepEqual(
        stored.map((payload, at) => payload.includes(Buffer.from([old, next][at] ?? '').toString('base64'))),
        [true, true],
      );
    }
  });
});
