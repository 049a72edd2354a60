import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpClient } from './support/client.ts';
import { finished, homeEnv, rootDir, run, serve, type Env, type Finished, type Served } from './support/command.ts';
import { deviceCaller, signIn } from './support/people.ts';
import { STORES } from './support/server.ts';

const PASSWORD = 'correct horse battery staple';
const NEXT_PASSWORD = 'another horse, another staple';

describe('admin', function () {
  this.timeout(60_000);
  let folder: string;
  let served: Served | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bas-admin-'));
  });
  afterEach(async () => {
    served?.child.kill('SIGKILL');
    await served?.ended;
    served = undefined;
    rmSync(folder, { recursive: true, force: true });
  });

  const admin = (words: string, { env = {}, input = '' }: { env?: Env; input?: string } = {}): Promise<Finished> =>
    run('admin', [...words.split(' '), '--data', folder], { env, input });

  async function done(words: string, options?: { env?: Env; input?: string }): Promise<string> {
    const { code, stdout, stderr } = await admin(words, options);
    assert.deepEqual([code, stderr], [0, ''], words);
    return stdout;
  }

  async function refused(words: string, code: number, reason: RegExp, input = ''): Promise<void> {
    const ended = await admin(words, { input });
    assert.deepEqual([ended.code, ended.stdout], [code, ''], `${words}: ${ended.stderr}`);
    assert.match(ended.stderr, /^[^\n]+\n$/);
    assert.match(ended.stderr, reason);
  }

  for (const store of STORES) {
    it(`starts a box from nothing, so that people sign in and devices post, on ${store}`, async () => {
      const env = { ...homeEnv(store), READ_CACHE: 'none' };
      await done('create-tenant --tenant site --name Site', { env });
      await done('create-user --tenant site --username Amy --role admin', { env, input: `${PASSWORD}\n` });
      const out = join(folder, 'keys.json');
      await done(`issue-keys --tenant site --device ahu-1 --device ahu-2 --register --out ${out}`, { env });
      assert.equal(statSync(out).mode & 0o777, 0o600);
      const { devices } = JSON.parse(readFileSync(out, 'utf8')) as { devices: { device_id: string; key: string }[] };
      assert.deepEqual(
        devices.map(({ device_id }) => device_id),
        ['ahu-1', 'ahu-2'],
      );

      served = await serve(['--data', folder], env);
      const client = new HttpClient(served.url);
      for (const { device_id, key } of devices) {
        const points = [{ timestamp_ms: Date.now(), metrics: { value: 1 } }];
        const answer = await deviceCaller(client, 'site', key).post('/v1/telemetry', { device_id, points });
        assert.equal(answer.status, 200, answer.text);
      }
      const amy = await signIn(client, { tenant_id: 'site', username: 'amy', password: PASSWORD });
      assert.match((await amy.get('/v1/telemetry/recent?device_id=ahu-2')).text, /"value":1/);
      assert.match((await amy.get('/v1/audit?action=key.issue')).text, /"events":\[\]/);
      assert.match((await amy.get('/v1/audit?action=device.create')).text, /"source":"admin"/);
      assert.match((await amy.get('/v1/audit?action=user.create')).text, /"source":"admin"/);

      const key_id = devices[0]?.key.split('_')[1] ?? '';
      await done(`revoke-key --tenant site --device ahu-1 --key ${key_id}`, { env });
      const late = await deviceCaller(client, 'site', devices[0]?.key ?? '').post('/v1/telemetry', {});
      assert.equal(late.status, 401, late.text);
      assert.match((await amy.get('/v1/audit?action=key.revoke')).text, /"source":"admin"/);

      await done('reset-password --tenant site --username amy', { env, input: NEXT_PASSWORD });
      assert.equal((await amy.get('/v1/session')).status, 401);
      await assert.rejects(signIn(client, { tenant_id: 'site', username: 'amy', password: PASSWORD }), /401/);
      const again = await signIn(client, { tenant_id: 'site', username: 'amy', password: NEXT_PASSWORD });
      assert.match((await again.get('/v1/audit?action=auth.password_change')).text, /"source":"admin"/);

      await done('disable-tenant --tenant site', { env });
      assert.equal((await again.get('/v1/session')).status, 401);
      await done('enable-tenant --tenant site', { env });
      await signIn(client, { tenant_id: 'site', username: 'amy', password: NEXT_PASSWORD });
      client.close();
    });
  }

  it('issues keys for all devices, at most two each, and shows them once', async () => {
    await done('create-tenant --tenant site');
    const first = await done('issue-keys --tenant site --device a --device b --register');
    assert.match(first, /^a {2}bas_[0-9a-f]{32}_[\w-]{43}\nb {2}bas_[0-9a-f]{32}_[\w-]{43}\n$/);
    const second = JSON.parse(await done('issue-keys --tenant site --json')) as { devices: unknown[] };
    assert.equal(second.devices.length, 2);
    await refused('issue-keys --tenant site', 1, /a has 2 live keys: revoke one/);
    const listed = await done('list --json');
    assert.ok(!listed.includes('bas_'));
    assert.match(listed, /"device_id":"a","live_keys":2/);

    const key_id = /bas_([0-9a-f]{32})_/.exec(first)?.[1] ?? '';
    const last_use = /created \d{4}-\d\d-\d\d \d\d:\d\d UTC, last used never/.source;
    assert.match(await done('list'), new RegExp(`device {2}a \\(2 keys\\)\n {4}key {3}${key_id} \\(${last_use}`));
    assert.match(await done(`revoke-key --tenant site --device a --key ${key_id}`), /^Revoked the key /);
    assert.match(await done('list'), /device {2}a \(1 key\)/);
    await refused(`revoke-key --tenant site --device a --key ${key_id}`, 1, /has no live key .*: list shows/);
    await refused('revoke-key --tenant site --device a --key bas_x', 2, /--key must be the id/);
    const out = join(folder, 'one.json');
    assert.match(await done(`issue-keys --tenant site --device a --out ${out}`), /^Wrote 1 key to /);
    await refused(`issue-keys --tenant site --device a --out ${out}`, 1, /one\.json exists already/);
  });

  it('gives a box its first platform administrator', async () => {
    await done('create-user --tenant system --username root --role platform_admin', { input: PASSWORD });
    assert.match(await done('list'), /^system \(Platform\)\n {2}user {4}root \(platform_admin\)\n$/);
    await refused(
      'create-user --tenant system --username x --role viewer',
      1,
      /belongs to the tenant system/,
      PASSWORD,
    );
  });

  it('refuses what cannot be, in one line, and changes nothing', async () => {
    await refused('list', 1, /no data in .*create-tenant/);
    await done('create-tenant --tenant site');
    const before = await done('list --json');
    await refused('create-tenant --tenant site', 1, /site exists/);
    await refused('create-tenant --tenant a/b', 2, /--tenant must be/);
    await refused('create-tenant', 2, /--tenant is missing/);
    await refused('create-user --tenant site --username amy --role boss', 2, /--role must be one of/);
    await refused('create-user --tenant site --username amy --role platform_admin', 1, /belongs to the tenant system/);
    await refused('create-user --tenant nowhere --username amy --role admin', 1, /no tenant nowhere/, PASSWORD);
    await refused('create-user --tenant site --username amy --role admin', 1, /No password came/);
    await refused('create-user --tenant site --username amy --role admin', 1, /at least 12 bytes/, 'too short\n');
    await refused('create-user --tenant site --username amy --role admin --password x', 2, /Unknown option/);
    await refused('reset-password --tenant site --username amy', 1, /no user amy/, PASSWORD);
    await refused('issue-keys --tenant site', 1, /no device/);
    await refused('issue-keys --tenant site --device a', 1, /no device a.*--register/);
    await refused('issue-keys --tenant site --device a --register --out /nowhere/keys', 1, /cannot be made/);
    await refused('disable-tenant --tenant nowhere', 1, /no tenant nowhere/);
    await refused('frob', 2, /frob is no verb/);
    assert.equal(await done('list --json'), before);
  });

  it('asks for a password on a terminal, twice and without showing it', async () => {
    await done('create-tenant --tenant site');
    const said = await onTerminal('create-user --tenant site --username amy --role viewer', [PASSWORD, PASSWORD]);
    assert.match(said, /New password for amy: [\s\S]*The same again: [\s\S]*Created the viewer amy of site\./);
    assert.ok(!said.includes('horse'));
    const differ = await onTerminal('reset-password --tenant site --username amy', [PASSWORD, NEXT_PASSWORD]);
    assert.match(differ, /The two passwords differ: nothing was changed\./);
  });

  /** Runs admin on a terminal made by script(1), and types an answer at each prompt. */
  async function onTerminal(words: string, answers: readonly string[]): Promise<string> {
    const command = [process.execPath, join(rootDir, 'scripts', 'admin.ts'), ...words.split(' '), '--data', folder];
    const args =
      process.platform === 'darwin' ? ['-q', '/dev/null', ...command] : ['-qec', command.join(' '), '/dev/null'];
    const child = spawn('script', args, { cwd: rootDir });
    const left = [...answers];
    child.stdout.on('data', (chunk) => {
      const answer = /: $/.test(String(chunk)) ? left.shift() : undefined;
      // The prompt is out before the terminal stops echoing.
      if (answer !== undefined) setTimeout(() => child.stdin.write(`${answer}\r`), 300);
    });
    return (await finished(child)).stdout;
  }
});
