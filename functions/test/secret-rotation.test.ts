/** A secret is rotated as a deployment does it: a new process beside the old one, and then without it. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { run, serve, type Env } from './support/command.ts';
import { HttpClient } from './support/client.ts';

const PASSWORD = 'stays the same throughout';

describe('rotation of firestore-project-id', function () {
  this.timeout(60_000);

  function versionOf(project: string): Env {
    const host = process.env['FIRESTORE_EMULATOR_HOST'];
    assert.ok(host, 'run this through `npm test -- <file>`');
    const flags = { USE_FIRESTORE_TELEMETRY: '1', USE_FIRESTORE_AUDIT: '1', USE_FIRESTORE_AUTH: '1' };
    // What every deployed function is told besides; it must not hide the secret.
    return {
      ...flags,
      FIRESTORE_EMULATOR_HOST: host,
      GCLOUD_PROJECT: 'demo-platform',
      'firestore-project-id': project,
    };
  }

  async function people(env: Env): Promise<void> {
    const tenant = ['--tenant', 'acme'];
    assert.equal((await run('admin', ['create-tenant', ...tenant], { env })).code, 0);
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
    const first = await serve([], old);
    assert.equal(await signIn(first.url), 200);
    const second = await serve([], next);
    assert.deepEqual(
      [await signIn(first.url), await signIn(second.url)],
      [200, 401],
      'each has the project it was given',
    );
    await people(next);
    assert.deepEqual([await signIn(first.url), await signIn(second.url)], [200, 200]);
    await first.stop();
    assert.equal(await signIn(second.url), 200);
    await second.stop();
  });
});
