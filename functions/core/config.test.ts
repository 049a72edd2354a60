import assert from 'node:assert/strict';
import { readConfig } from './config.ts';
import { SetupError } from './errors.ts';

const FIRESTORE = { USE_FIRESTORE_TELEMETRY: '1', USE_FIRESTORE_AUDIT: '1', USE_FIRESTORE_AUTH: '1' };

describe('configuration', () => {
  it('is one SQLite file unless it says otherwise', () => {
    const seeds = { telemetry: false, audit: false, auth: false };
    const home = { kind: 'sqlite', file: 'a.sqlite', seeds, target: undefined };
    assert.deepEqual(readConfig({ SQLITE_FILE: 'a.sqlite' }).home, home);
    assert.equal(readConfig({ SQLITE_FILE: 'a.sqlite' }).trusted_proxy_hops, 0);
  });

  it('is a box with somewhere to move to once a project is named, and begins where the seeds say', () => {
    const env = { SQLITE_FILE: 'a.sqlite', GCP_PROJECT_ID: 'p', USE_FIRESTORE_TELEMETRY: '1' };
    const { home } = readConfig(env);
    assert.deepEqual(home, {
      kind: 'sqlite',
      file: 'a.sqlite',
      seeds: { telemetry: true, audit: false, auth: false },
      target: { project_id: 'p', emulator_host: undefined },
    });
  });

  it('tells details of at most a tenth of all requests, but on an emulator', () => {
    const percent = (env: Record<string, string>): unknown =>
      readConfig({ SQLITE_FILE: 'a.sqlite', ...env }).logs?.debug_percent;
    assert.equal(percent({}), 0);
    assert.equal(percent({ LOG_DEBUG_PERCENT: '2.5' }), 2.5);
    assert.equal(percent({ LOG_DEBUG_PERCENT: '100' }), 10);
    assert.equal(percent({ LOG_DEBUG_PERCENT: '100', K_SERVICE: 'login', NODE_ENV: 'development' }), 10);
    assert.equal(percent({ LOG_DEBUG_PERCENT: '100', FUNCTIONS_EMULATOR: 'true' }), 100);
    assert.throws(() => percent({ LOG_DEBUG_PERCENT: '101' }), SetupError);
    assert.throws(
      () => readConfig({ SQLITE_FILE: 'a', LOG_CLOUD_ENDPOINT: 'http://x/' }),
      /LOG_CLOUD_ENDPOINT: .*PORT/,
    );
  });

  it('finds the project in its places, in order', () => {
    const project = (env: Record<string, string>): unknown => {
      const { home } = readConfig({ ...FIRESTORE, ...env });
      return home.kind === 'firestore' ? home.project_id : home;
    };
    const all = { GCP_PROJECT_ID: 'a', GOOGLE_CLOUD_PROJECT: 'b', FIRESTORE_PROJECT_ID: 'c' };
    assert.equal(project(all), 'a');
    assert.equal(project({ ...all, GCP_PROJECT_ID: '' }), 'b');
    assert.equal(project({ FIRESTORE_PROJECT_ID: 'c', GCLOUD_PROJECT: 'd' }), 'c');
    assert.equal(project({ 'firestore-project-id': 'c', GCLOUD_PROJECT: 'd' }), 'c');
    assert.equal(project({ GCLOUD_PROJECT: 'd' }), 'd');
  });

  it('takes a backfill start in whole milliseconds', () => {
    const start = (text: string) =>
      readConfig({ SQLITE_FILE: 'a', TELEMETRY_BACKFILL_START_MS: text }).backfill_start_ms;
    assert.deepEqual([start('1795399649426'), start('')], [1_795_399_649_426, undefined]);
  });

  it('names a first administrator only when both secrets are there', () => {
    const named = (env: Record<string, string>): unknown =>
      readConfig({ SQLITE_FILE: 'a.sqlite', ...env }).first_administrator;
    const both = { AUTH_ADMIN_USERNAME: 'root', AUTH_ADMIN_PASSWORD_HASH: '$argon2id$\n' };
    assert.deepEqual(named(both), { username: 'root', password_hash: '$argon2id$' });
    assert.equal(named({}), undefined);
    assert.equal(named({ ...both, AUTH_ADMIN_PASSWORD_HASH: '' }), undefined);
    assert.equal(named({ ...both, AUTH_ADMIN_USERNAME: '' }), undefined);
  });

  it('is Firestore in the cloud, without being told, and not in the emulator', () => {
    const cloud = readConfig({ K_SERVICE: 'login', GOOGLE_CLOUD_PROJECT: 'p' });
    assert.deepEqual([cloud.home.kind, cloud.trusted_proxy_hops], ['firestore', 1]);
    const emulated = { K_SERVICE: 'login', FUNCTIONS_EMULATOR: 'true', SQLITE_FILE: 'a.sqlite' };
    assert.equal(readConfig(emulated).home.kind, 'sqlite');
  });

  it('takes origins as browsers send them', () => {
    const origins = (text: string) => readConfig({ SQLITE_FILE: 'a', ALLOWED_ORIGINS: text }).allowed_origins;
    const listed = ['https://a.example', 'http://localhost:8080', 'http://[::1]:5', 'capacitor://localhost'];
    assert.deepEqual([origins(listed.join(' , ')), origins('')], [listed, []]);
    for (const none of ['foo', '*', 'null', 'https://a.example/', 'https://A.example', 'a.example:80', 'file:///']) {
      assert.throws(
        () => origins(`https://a.example,${none}`),
        ({ message }: Error) => message.startsWith('ALLOWED_ORIGINS: ') && message.endsWith(`, not "${none}".`),
      );
    }
  });

  for (const [name, value, told] of [
    ['LOG_DEBUG_PERCENT', 'lots', 'must be a number from 0 to 100, not "lots".'],
    ['READ_CACHE', 'fast', 'must be all, identity or none, not "fast".'],
    ['TRUSTED_PROXY_HOPS', '11', 'must be a whole number from 0 to 10, not "11".'],
    ['TENANT_ID_HEADER', 'a b', 'must be the name of a header, of letters, digits and -, not "a b".'],
    ['TELEMETRY_BACKFILL_START_MS', 'hunter2', 'must be a whole number of milliseconds since 1970.'],
    ['LOG_TO_CLOUD', 'y'.repeat(99), `must be 0 or 1, not "${'y'.repeat(60)}".`],
  ] as const) {
    it(`says what ${name} may be`, () => {
      assert.throws(() => readConfig({ SQLITE_FILE: 'a', [name]: value }), new SetupError(`${name}: ${told}`));
    });
  }

  for (const [name, env] of Object.entries({
    'auth before audit': { USE_FIRESTORE_TELEMETRY: '1', USE_FIRESTORE_AUTH: '1' },
    'audit before telemetry': { USE_FIRESTORE_AUDIT: '1' },
    'half a move to nowhere': { USE_FIRESTORE_TELEMETRY: '1', SQLITE_FILE: 'a.sqlite' },
    'a flag that is no flag': { ...FIRESTORE, USE_FIRESTORE_AUTH: 'yes', GCP_PROJECT_ID: 'p' },
    'Firestore without a project': FIRESTORE,
    'no place for the data': {},
    'a backfill start that is no time': { SQLITE_FILE: 'a.sqlite', TELEMETRY_BACKFILL_START_MS: 'yesterday' },
    'hops below zero': { SQLITE_FILE: 'a.sqlite', TRUSTED_PROXY_HOPS: '-1' },
  })) {
    it(`refuses ${name} in one line`, () => {
      assert.throws(
        () => readConfig(env),
        (error) => error instanceof SetupError && !error.message.includes('\n'),
      );
    });
  }
});
