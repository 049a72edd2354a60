import assert from 'node:assert/strict';
import { createPasswords } from '@bas/core/passwords/passwords';
import { SYSTEM_TENANT } from '@bas/core/model/names';
import { Meter } from '@bas/core/observability/meter';
import usersDoor from '../src/https/users.ts';
import auditDoor from '../src/https/audit-events.ts';
import type { Answer } from './support/client.ts';
import { run } from './support/command.ts';
import { startServer, STORES, type Browser, type TestServer } from './support/server.ts';
import { Steady } from './support/steady.ts';

const PASSWORD = 'first of all, then nobody else';
const HEADERS = { 'x-bas-tenant': SYSTEM_TENANT, 'user-agent': 'Mozilla/5.0 Firefox/140.0' };
const logged: string[] = [];
const logger = { log: (severity: string, message: string) => logged.push(`${severity} ${message}`) };

it('admin hash-password prints a hash and nothing else, and refuses a short password', async () => {
  const { code, stdout } = await run('admin', ['hash-password', '--json'], { input: `${PASSWORD}\n` });
  assert.equal(code, 0);
  assert.match(stdout, /^{"password_hash":"\$argon2id\$v=19\$m=65536,[pt]=\d,[pt]=\d\$[\w+/]+\$[\w+/]+"}\n$/);
  const short = await run('admin', ['hash-password'], { input: 'short\n' });
  assert.deepEqual([short.code, short.stdout], [1, '']);
});

for (const store of STORES) {
  describe(`the first administrator on ${store}`, () => {
    const servers: TestServer[] = [];
    let password_hash = '';
    before(async () => {
      const { stdout } = await run('admin', ['hash-password'], { input: `${PASSWORD}\n` });
      password_hash = stdout.trim();
    });
    afterEach(async () => {
      await Promise.all(servers.splice(0).map((server) => server.close()));
    });

    /** `like`: another instance on the same store. */
    async function serve(username?: string, hash = password_hash, like?: TestServer): Promise<TestServer> {
      const first_administrator = username === undefined ? undefined : { username, password_hash: hash };
      const server = await startServer({
        store,
        doors: [usersDoor, auditDoor],
        config: { first_administrator },
        parts: { logger },
        ...(like === undefined ? {} : { home: like.suite.config.home }),
      });
      servers.unshift(server); // those that share a store close before the one that owns it
      return server;
    }

    function tryAs(server: TestServer, username: string, password = PASSWORD): Promise<Answer> {
      return server.client.send('POST', '/v1/login', { headers: HEADERS, json: { username, password } });
    }

    function signIn(server: TestServer, username = 'root'): Promise<Browser> {
      const user = {
        tenant_id: SYSTEM_TENANT,
        username,
        password: PASSWORD,
        user_id: '',
        role: 'platform_admin',
      } as const;
      return server.signIn(user);
    }

    async function listed(server: TestServer): Promise<unknown> {
      const browser = await signIn(server);
      const { users } = (await browser.get('/v1/users')).json() as { users: { username: string; role: string }[] };
      return users.map((user) => `${user.username} ${user.role}`);
    }

    it('is nobody unless named: there is no default account', async () => {
      const server = await serve();
      for (const username of ['admin', 'root']) {
        for (const password of ['admin', PASSWORD]) {
          assert.equal((await tryAs(server, username, password)).code, 'invalid_credentials');
        }
      }
      assert.equal(await (await server.suite.backend()).withMeter(new Meter()).tenants.get(SYSTEM_TENANT), null);
    });

    it('signs in with the password whose hash is named, is one from then on, and is told of', async () => {
      const server = await serve('Root');
      assert.equal((await tryAs(server, 'root', `${PASSWORD}!`)).code, 'invalid_credentials');
      assert.equal((await tryAs(server, 'other')).code, 'invalid_credentials');
      assert.deepEqual(await listed(server), ['root platform_admin']);
      assert.deepEqual(await listed(server), ['root platform_admin']);
      const browser = await signIn(server);
      const { events } = (await browser.get('/v1/audit?action=user.create')).json() as { events: { detail: string }[] };
      assert.deepEqual(
        events.map(({ detail }) => detail),
        ['first administrator, named by the secrets'],
      );
    });

    it('is one, however many instances meet the first sign-in at once', async () => {
      const one = await serve('root');
      const two = await serve('root', password_hash, one);
      const answers = await Promise.all([one, two, one, two].map((server) => tryAs(server, 'root')));
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200, 200, 200],
      );
      assert.deepEqual(await listed(two), ['root platform_admin']);
    });

    it('is not joined by a second when the secrets change', async () => {
      const one = await serve('root');
      assert.equal((await tryAs(one, 'root')).status, 200);
      const later = await createPasswords().hash('another password altogether');
      const two = await serve('second', later.password_hash, one);
      assert.equal((await tryAs(two, 'second', 'another password altogether')).code, 'invalid_credentials');
      const three = await serve('root', later.password_hash, one);
      assert.equal((await tryAs(three, 'root', 'another password altogether')).code, 'invalid_credentials');
      assert.deepEqual(await listed(three), ['root platform_admin'], 'the stored password is the one that counts');
    });

    it('is whom the newest secrets name while nobody has signed in, and from then on on every instance', async () => {
      const one = await serve('root');
      const rotated = await createPasswords().hash('another password altogether');
      const two = await serve('root', rotated.password_hash, one);
      assert.equal((await tryAs(two, 'root', 'another password altogether')).status, 200);
      assert.equal((await tryAs(one, 'root', 'another password altogether')).status, 200);
      assert.equal((await tryAs(one, 'root')).code, 'invalid_credentials');
    });

    it('signs in without a failure while the secrets are rotated', async () => {
      const one = await serve('root');
      assert.equal((await tryAs(one, 'root')).status, 200);
      let at = one;
      const requests = new Steady(async () => (await tryAs(at, 'root')).status);
      await requests.more(2);
      const rotated = await createPasswords().hash('a password that nobody keeps');
      at = await serve('root', rotated.password_hash, one);
      await requests.settled();
      await requests.more(2);
      assert.deepEqual([...new Set(await requests.end())], [200]);
    });

    for (const [why, hash] of Object.entries({
      bcrypt: '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW',
      'Argon2id that asks for too much memory':
        '$argon2id$v=19$m=1048576,t=3,p=1$W8pEnv3lGdESgW3QVQ6Icg$En32UJRukTxTF56b/a4Uj42Pej62BQWSD2lDBGuuu1I',
      'the password itself': PASSWORD,
    })) {
      it(`is refused by ${why} in place of the hash, and the log says so`, async () => {
        const server = await serve('root', hash);
        logged.length = 0;
        assert.equal((await tryAs(server, 'root')).code, 'invalid_credentials');
        assert.ok(
          logged.some((line) => /^ERROR auth-admin-password-hash is no Argon2id hash/.test(line)),
          logged.join(),
        );
        assert.ok(!logged.join().includes(hash));
      });
    }
  });
}
