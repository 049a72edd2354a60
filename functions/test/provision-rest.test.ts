/** What provisioning sends itself, without gcloud: the shape of every request, and what it says where gcloud is missing. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { devNull } from 'node:os';
import { delimiter, join } from 'node:path';
import { GoogleCloud } from './provision/google-cloud.ts';
import { PROJECT, provisionHere, provisionWith } from './provision/running.ts';
import { Refusal, type Thing } from './provision/world.ts';

/** Steps for which gcloud has no command, or none outside its alpha. */
const BY_REST = ['firebase', 'channel', 'alerts', 'slo service', 'slos'];

describe('provisioning over REST', function () {
  this.timeout(60_000);
  const cloud = new GoogleCloud();
  before(() => cloud.start());
  after(() => {
    cloud.stop();
  });
  afterEach(() => {
    cloud.special = {};
    assert.deepEqual(cloud.rejected.splice(0), [], 'requests that no API publishes');
  });

  /** A machine like this one, less gcloud. */
  const PATH = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !existsSync(join(folder, 'gcloud')))
    .join(delimiter);

  it('makes what it makes itself, and finds all of it as it must be the second time', async () => {
    const first = await provisionHere(cloud, (step) => BY_REST.includes(step));
    assert.deepEqual([first.failure, first.lines.filter((line) => !line.startsWith('+ '))], [null, []]);
    assert.ok(cloud.drain().every(({ by }) => by === 'provision'));
    const second = await provisionHere(cloud, (step) => BY_REST.includes(step));
    assert.deepEqual([second.failure, second.lines.filter((line) => !line.startsWith('= '))], [null, []]);
  });

  it('changes only what is declared: what a person added stays', async () => {
    const monitoring = cloud.world('monitoring');
    const channel = monitoring.list(`projects/${PROJECT}/notificationChannels`)[0] ?? {};
    const name = String(channel['name']);
    monitoring.things.set(name, {
      ...channel,
      description: 'call Ada first',
      labels: { email_address: 'old@example.com' },
    });
    const { lines } = await provisionHere(cloud, (step) => step === 'channel');
    assert.match(lines[0] ?? '', /^~ channel operators .*old@example.com, not ops@example.com/);
    assert.equal(monitoring.get(name)['description'], 'call Ada first');
  });

  it('tells the operators besides those whom a person added to an alert', async () => {
    const monitoring = cloud.world('monitoring');
    const [operators] = monitoring.list(`projects/${PROJECT}/notificationChannels`).map(({ name }) => name);
    const [kept, mended] = monitoring.list(`projects/${PROJECT}/alertPolicies`);
    const ada = `projects/${PROJECT}/notificationChannels/ada`;
    const tells = (policy: Thing | undefined, channels: unknown[]) =>
      monitoring.things.set(String(policy?.['name']), { ...policy, notificationChannels: channels });
    tells(kept, [ada, operators]);
    tells(mended, [ada]);
    const { lines } = await provisionHere(cloud, (step) => step === 'alerts');
    assert.equal(lines.filter((line) => line.startsWith('~ ')).length, 1, lines.join('\n'));
    for (const policy of [kept, mended]) {
      assert.deepEqual(monitoring.get(String(policy?.['name']))['notificationChannels'], [ada, operators]);
    }
  });

  const ADDED = 'firebase projects.addFirebase';
  const firebaseOnly = async () => {
    cloud.world('firebase').things.clear();
    return (await provisionHere(cloud, (step) => step === 'firebase')).failure ?? 'nothing failed';
  };

  it('takes an operation that ended with a failure for one', async () => {
    const error = { code: 9, message: 'the quota is used up' };
    cloud.special = {
      [ADDED]: () => ({ name: 'operations/add' }),
      'firebase operations.get': () => ({ name: 'operations/add', done: true, error }),
    };
    assert.match(
      await firebaseOnly(),
      /^step firebase, firebase project: \S+:addFirebase failed: the quota is used up\./,
    );
  });

  it('says where the terms of Firebase are accepted', async () => {
    cloud.special = {
      [ADDED]: () => {
        throw new Refusal(403, 'The caller does not have permission');
      },
    };
    assert.match(await firebaseOnly(), /answered 403: The caller .* accept its terms .*console\.firebase\.google\.com/);
  });

  it('tells the whole command that brings a deleted role back', async () => {
    const name = `projects/${PROJECT}/roles/basSeriesReader`;
    cloud.world('iam').things.set(name, { deleted: true });
    const { lines } = await provisionHere(cloud, (step) => step === 'role');
    cloud.world('iam').things.delete(name);
    assert.match(
      lines[0] ?? '',
      /^! role \S+ .*run gcloud iam roles undelete basSeriesReader --project=demo-bas, then/,
    );
  });

  it('gives up on a service that does not wake', async () => {
    cloud.isOff = (api) => api === 'logging';
    const { failure } = await provisionHere(cloud, (step) => step === 'log metrics');
    cloud.isOff = () => false;
    assert.match(
      failure ?? '',
      /^step log metrics, looking: GET \S+ answered 403 SERVICE_DISABLED: The API of logging/,
    );
    assert.equal(cloud.drain().filter(({ api }) => api === 'logging').length, 4);
  });

  it('says of a service that is switched off that all of it would be made', async () => {
    cloud.isOff = (api) => api === 'monitoring' || api === 'secretmanager';
    const { code, lines } = await provisionWith(cloud, ['--plan', '--notify', 'ops@example.com']);
    cloud.isOff = () => false;
    assert.equal(code, 0);
    assert.ok(lines.includes('+ alert storage') && lines.includes('+ secret auth-admin-username'));
  });

  for (const [why, changed, told] of [
    [
      'nobody is signed in',
      { CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: undefined, CLOUDSDK_CONFIG: undefined },
      'run gcloud auth login',
    ],
    [
      'the file of the token is missing',
      { CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: '/nowhere/token' },
      '/nowhere/token cannot be read',
    ],
    ['the file of the token holds none', { CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: devNull }, '/dev/null holds no token'],
  ] as const) {
    it(`says in one line what to do where ${why}`, async () => {
      const { code, err, seen } = await provisionWith(cloud, [], changed);
      assert.deepEqual([code, seen], [1, []]);
      assert.ok(err.includes(told) && err.endsWith('.') && !err.includes('\n'), err);
    });
  }

  it('says how to get gcloud where it is missing', async () => {
    const { code, err, seen } = await provisionWith(cloud, [], { PATH: `${PATH}${delimiter}/bin-of-nobody` });
    assert.equal(code, 1);
    assert.match(err, /^step apis, api artifactregistry\S+: gcloud is not installed\. Debian, Ubuntu: apt-get install/);
    assert.deepEqual(
      seen.filter(({ changes }) => changes),
      [],
    );
  });
});
