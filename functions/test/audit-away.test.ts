/** What cannot be told in the audit log is not done, and a refusal that cannot be told is still none of the data. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import Driver from 'better-sqlite3';
import type { HomeConfig } from '@bas/core/config';
import devices from '../src/https/devices.ts';
import { authDoors } from './auth-flow/doors.ts';
import type { Answer } from './support/client.ts';
import { startGrpcProxy, type GrpcProxy } from './support/grpc-proxy.ts';
import { RememberingPasswords } from './support/passwords.ts';
import { DEFAULT_PASSWORD, type SeededDevice, type SeededUser } from './support/seed.ts';
import { startServer, STORES, type Browser, type StoreName, type TestServer } from './support/server.ts';

const NEXT_PASSWORD = 'another long enough password';
const AGENT = { 'user-agent': 'Mozilla/5.0 Firefox/140.0' };

/** The log takes no event until it is healed; everything else works. */
function breakLog(home: HomeConfig, proxy: GrpcProxy): () => void {
  if (home.kind === 'firestore') {
    const fault = { kind: 'status', status: 'RESOURCE_EXHAUSTED', message: 'no' } as const;
    proxy.rules.add({ fault, method: 'Commit', containing: '/documents/audit_log/' });
    return () => proxy.rules.clear();
  }
  const file = new Driver(home.file);
  file.exec("CREATE TRIGGER broken BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'no room'); END");
  return () => file.exec('DROP TRIGGER broken').close();
}

for (const store of STORES) {
  describe(`an audit log on ${store} that takes nothing`, function () {
    this.timeout(30_000);
    let proxy: GrpcProxy;
    let server: TestServer;
    let user: SeededUser;
    let admin: Browser;
    let person: SeededUser;
    let viewer: Browser;
    let device: SeededDevice;

    before(async () => {
      proxy = await startGrpcProxy(process.env['FIRESTORE_EMULATOR_HOST'] ?? '');
      server = await startServer(optionsFor(store, proxy));
      await proxy.lead(() => server.seed.tenant('acme'));
      user = await server.seed.user({ tenant_id: 'acme', role: 'admin' });
      admin = await server.signIn(user);
      person = await server.seed.user({ tenant_id: 'acme' });
      viewer = await server.signIn(person);
      device = await server.seed.device({ tenant_id: 'acme' });
    });
    after(async () => {
      await server.close();
      await proxy.close();
    });

    const login = (password: string): Promise<Answer> => {
      const json = { username: user.username, password };
      return server.client.send('POST', '/v1/login', { headers: { ...AGENT, 'x-bas-tenant': 'acme' }, json });
    };
    const views = (): Promise<readonly string[]> =>
      Promise.all(['/v1/users', '/v1/devices', '/v1/account/sessions'].map(async (at) => (await admin.get(at)).text));

    it('has nothing done that it should tell of, and nothing shown that was refused', async () => {
      const before = await views();
      const heal = breakLog(server.suite.config.home, proxy);
      const passwords = { current_password: DEFAULT_PASSWORD, new_password: NEXT_PASSWORD };
      const [, key_id = ''] = /^bas_([0-9a-f]+)_/.exec(device.key) ?? [];
      const tries: Readonly<Record<string, () => Promise<Answer>>> = {
        'to sign in': () => login(DEFAULT_PASSWORD),
        'to guess': () => login('a wrong password'),
        'to sign out': () => admin.post('/v1/logout'),
        'to change the password': () => admin.post('/v1/account/password', passwords),
        'to create a user': () => admin.post('/v1/users', { username: 'x', password: NEXT_PASSWORD, role: 'viewer' }),
        'to change a role': () => admin.patch(`/v1/users/${person.user_id}`, { role: 'operator' }),
        'to register a device': () => admin.post('/v1/devices', { device_id: 'new' }),
        'to revoke a key': () => admin.delete(`/v1/devices/${device.device_id}/keys/${key_id}`),
        'to see what is not theirs': () => viewer.get('/v1/users'),
        'to name another tenant': () => admin.get('/v1/devices', { headers: { 'x-bas-tenant': 'globex' } }),
        'to use their session by another browser': () =>
          viewer.get('/v1/session', { headers: { 'user-agent': 'curl/8' } }),
        'to look without a session': () =>
          server.client.send('GET', '/v1/users', { headers: { 'x-bas-tenant': 'acme' } }),
      };
      for (const [what, attempt] of Object.entries(tries)) {
        const { status, headers, text } = await attempt();
        assert.ok(status === 500 || status === 503, `${what}: ${String(status)} ${text}`);
        assert.equal(headers['set-cookie'], undefined, what);
        assert.ok(!text.includes(user.username) && !text.includes('no room'), `${what}: ${text}`);
      }
      heal();
      assert.deepEqual(await views(), before);
      assert.equal((await viewer.get('/v1/session')).status, 200);
      assert.equal((await login(DEFAULT_PASSWORD)).status, 200);
    });
  });
}

function optionsFor(store: StoreName, { host }: GrpcProxy) {
  const parts = { passwords: new RememberingPasswords() };
  const doors = [...authDoors, devices];
  if (store === 'sqlite') return { store, doors, parts };
  const home = { kind: 'firestore', project_id: `demo-${randomUUID()}`, emulator_host: host } as const;
  return { store, doors, parts, home, config: { read_cache: 'none' } as const };
}
