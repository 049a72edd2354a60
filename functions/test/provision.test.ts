/** Provisioning with the real gcloud and the real Firebase CLI, against Google's APIs as their discovery documents publish them. */
import assert from 'node:assert/strict';
import { disturb } from './provision/disturb.ts';
import { GoogleCloud } from './provision/google-cloud.ts';
import { PROJECT, provisionHere, provisionWith } from './provision/running.ts';

const ACCOUNT = `serviceAccount:bas-app-prod@${PROJECT}.iam.gserviceaccount.com`;
const HASH = '$argon2id$v=19$m=65536,p=1,t=3$W8pEnv3lGdESgW3QVQ6Icg$En32UJRukTxTF56b/a4Uj42Pej62BQWSD2lDBGuuu1I';

/** Each step, and the request by which its first change begins. */
const FIRST_CHANGES: readonly (readonly [step: string, call: string])[] = [
  ['apis', 'serviceusage services.batchEnable'],
  ['firebase', 'firebase projects.addFirebase'],
  ['account', 'iam projects.serviceAccounts.create'],
  ['role', 'iam projects.roles.create'],
  ['grants', 'cloudresourcemanager projects.setIamPolicy'],
  ['database', 'firestore projects.databases.create'],
  ['secrets', 'secretmanager projects.secrets.create'],
  ['secret grants', 'secretmanager projects.secrets.setIamPolicy'],
  ['firestore', 'firestore projects.databases.collectionGroups.fields.patch'],
  ['log metrics', 'logging projects.metrics.create'],
  ['channel', 'monitoring projects.notificationChannels.create'],
  ['alerts', 'monitoring projects.alertPolicies.create'],
  ['dashboard', 'monitoring projects.dashboards.create'],
  ['slo service', 'monitoring services.create'],
  ['slos', 'monitoring services.serviceLevelObjectives.create'],
];

describe('provisioning', function () {
  this.timeout(600_000);
  const cloud = new GoogleCloud({ fresh: true });
  before(() => cloud.start());
  after(() => {
    cloud.stop();
  });
  afterEach(() => {
    cloud.refuses = null;
    assert.deepEqual(cloud.rejected.splice(0), [], 'requests that no API publishes');
  });

  const provision = (words: readonly string[], input = '') => provisionWith(cloud, words, { input });

  it('plans a fresh project without a single change', async () => {
    // The token comes from gcloud here; elsewhere from the file that gcloud would take it from.
    const env = { CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: undefined };
    const { code, lines, err, seen } = await provisionWith(cloud, ['--plan', '--notify', 'ops@example.com'], env);
    assert.deepEqual([code, err], [0, '']);
    assert.ok(
      lines.slice(0, -2).every((line) => line.startsWith('+ ')),
      lines.join('\n'),
    );
    assert.match(lines.at(-2) ?? '', /^0 as declared, \d+ would change\.$/);
    assert.deepEqual(
      seen.filter(({ changes }) => changes),
      [],
    );
    assert.ok(seen.length > 10);
  });

  it('names the step that fails, whichever it is, and goes on when run again', async () => {
    for (const [step, call] of FIRST_CHANGES) {
      cloud.refuses = (seen) => `${seen.api} ${seen.call}` === call;
      const { failure } = await provisionHere(cloud);
      assert.match(
        failure ?? 'nothing failed',
        new RegExp(`^step ${step}, .*(failed|answered 403): .*run the same command again`),
      );
    }
    cloud.refuses = null;
    const { lines, failure } = await provisionHere(cloud);
    assert.equal(failure, null);
    assert.ok(lines.includes('+ slo availability'));
    const tools = new Set(cloud.drain().map(({ by }) => by));
    assert.deepEqual([...tools].sort(), ['firebase', 'gcloud', 'provision']);
  });

  it('changes nothing the second time', async () => {
    const { code, lines, seen } = await provision([]);
    assert.deepEqual([code, lines.filter((line) => /^[+~!]/.test(line))], [0, []]);
    assert.match(lines.at(-2) ?? '', /^\d+ as declared, 0 changed\.$/);
    assert.deepEqual(
      seen.filter(({ changes }) => changes),
      [],
    );
  });

  it('gives the account two roles of the project, and by itself each secret that functions mount', () => {
    const held = (api: 'cloudresourcemanager' | 'secretmanager', name: string) =>
      JSON.stringify(cloud.world(api).policy(name)['bindings']);
    assert.equal(
      held('cloudresourcemanager', `projects/${PROJECT}`),
      JSON.stringify([
        { members: [ACCOUNT], role: 'roles/datastore.user' },
        { members: [ACCOUNT], role: `projects/${PROJECT}/roles/basSeriesReader` },
      ]),
    );
    const secrets = cloud.world('secretmanager').list(`projects/${PROJECT}/secrets`);
    assert.equal(secrets.length, 4);
    for (const { name } of secrets) {
      const accessor = JSON.stringify([{ members: [ACCOUNT], role: 'roles/secretmanager.secretAccessor' }]);
      assert.equal(held('secretmanager', String(name)), String(name).includes('/auth-admin-') ? accessor : undefined);
    }
  });

  it('mends what differs in a project that exists, and leaves alone what is not ours', async () => {
    disturb(cloud);
    const { code, lines, seen } = await provision([]);
    assert.equal(code, 0);
    assert.deepEqual(
      lines.filter((line) => /^[+~!]/.test(line)),
      [
        '~ role basSeriesReader  (title: another, not BAS time series reader)',
        '~ database (default)  (pointInTimeRecoveryEnablement: nothing, not POINT_IN_TIME_RECOVERY_ENABLED)',
        '+ rules firestore.rules',
        '~ log metric bas_failures  (description: another, not Requests and scheduled runs that failed by a fault of ours, by its code.)',
        '+ log metric bas_reads',
        '~ alert reads-per-day  (severity: ERROR, not WARNING)',
        '+ alert writes-per-day',
        '~ dashboard BAS: building telemetry  (mosaicLayout.columns: 6, not 12)',
        '~ slo service bas  (displayName: another, not Building telemetry)',
        '~ slo availability  (goal: 0.9, not 0.995)',
      ],
    );
    assert.ok(!seen.some(({ changes, path }) => changes && path.includes('theirs')));
    assert.equal((await provision(['--plan'])).lines.at(-2)?.replace(/^\d+/, 'N'), 'N as declared, 0 would change.');
  });

  it('leaves to a person what it must not decide: a wider role', async () => {
    const manager = cloud.world('cloudresourcemanager');
    const policy = manager.policy(`projects/${PROJECT}`);
    const wider = { role: 'roles/editor', members: [ACCOUNT] };
    const bindings = listOf(policy['bindings']).concat(wider);
    manager.things.set(`projects/${PROJECT}#policy`, { ...policy, bindings });
    const { code, lines } = await provision(['--plan']);
    manager.things.set(`projects/${PROJECT}#policy`, policy);
    assert.equal(code, 1);
    assert.match(lines.find((line) => line.startsWith('!')) ?? '', /^! grant roles\/editor/);
  });

  it('refuses the project of another environment', async () => {
    const { code, err } = await provision(['--plan', '--env', 'dev']);
    assert.equal(code, 1);
    assert.match(err, /demo-bas is the project of prod/);
  });

  it('stores the value of a secret from standard input, once, and refuses one that cannot work', async () => {
    const words = ['--secret', 'auth-admin-password-hash'];
    const stored = await provision(words, `${HASH}\n`);
    assert.deepEqual(stored.lines, ['+ secret value auth-admin-password-hash', '0 as declared, 1 changed.']);
    assert.deepEqual((await provision(words, HASH)).lines[0], '= secret value auth-admin-password-hash');
    const [version] = cloud
      .world('secretmanager')
      .list(`projects/${PROJECT}/secrets/auth-admin-password-hash/versions`);
    assert.equal(JSON.stringify(version?.['payload']).includes(Buffer.from(HASH).toString('base64')), true);
    const wrong = await provision(words, 'secret123456');
    assert.deepEqual([wrong.code, wrong.seen], [1, []]);
    assert.match(wrong.err, /^auth-admin-password-hash must be an Argon2id hash/);
    assert.ok(!wrong.err.includes('secret123456'));
    const cheap = await provision(words, HASH.replace('t=3', 't=2'));
    assert.deepEqual([cheap.code, cheap.seen], [1, []]);
    assert.match(cheap.err, /no cheaper than .*npm run -s admin -- hash-password makes one\.$/);
  });

  it('replaces a value whose newest version was disabled', async () => {
    const name = `projects/${PROJECT}/secrets/auth-admin-username`;
    const words = ['--secret', 'auth-admin-username'];
    await provision(words, 'root');
    cloud.world('secretmanager').things.set(`${name}/versions/1`, { state: 'DISABLED' });
    assert.deepEqual((await provision(words, 'root')).lines[0], '+ secret value auth-admin-username');
    assert.deepEqual((await provision(words, 'root')).lines[0], '= secret value auth-admin-username');
    assert.equal(cloud.world('secretmanager').list(`${name}/versions`).length, 2);
  });

  for (const [why, words] of Object.entries({
    'no environment of ours': ['--env', 'production'],
    'a project id that is none': ['--project', 'Demo; rm'],
    'an address that is none': ['--notify', 'nobody'],
    'a secret that is not ours': ['--secret', 'root'],
    'an unknown option': ['--force'],
  })) {
    it(`exits 2 for ${why}`, async () => {
      const { code, err, seen } = await provision(words);
      assert.deepEqual([code, seen], [2, []]);
      assert.ok(!err.includes('\n'), err);
    });
  }
});

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
