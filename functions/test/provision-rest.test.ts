/** What provisioning sends itself, without gcloud: the shape of every request, and what it says where gcloud is missing. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { GoogleCloud } from './provision/google-cloud.ts';
import { PROJECT, provisionHere, provisionWith } from './provision/running.ts';

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

  it('says of a service that is switched off that all of it would be made', async () => {
    cloud.isOff = (api) => api === 'monitoring' || api === 'secretmanager';
    const { code, lines } = await provisionWith(cloud, ['--plan', '--notify', 'ops@example.com']);
    cloud.isOff = () => false;
    assert.equal(code, 0);
    assert.ok(lines.includes('+ alert storage') && lines.includes('+ secret auth-admin-username'));
  });

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
