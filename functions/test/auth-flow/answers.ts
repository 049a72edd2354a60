import assert from 'node:assert/strict';
import { Meter } from '@bas/core/observability/meter';
import argon2 from 'argon2';
import type { PasswordHash } from '@bas/core/model/entities';
import type { Answer } from '../support/client.ts';
import { CountingPasswords } from '../support/passwords.ts';
import { DEFAULT_PASSWORD } from '../support/seed.ts';
import type { StoreName } from '../support/server.ts';
import { serverFor } from './doors.ts';
import { visible } from './visible.ts';

/** What sign-in answers, and what it takes to get there. */
export function answerCases(store: StoreName): void {
  describe('the answer of sign-in', () => {
    const passwords = new CountingPasswords();
    const server = serverFor({ store, parts: { passwords } });
    const login = (tenant: string, username: string, password: string): Promise<Answer> =>
      server().client.send('POST', '/v1/login', { headers: { 'x-bas-tenant': tenant }, json: { username, password } });

    it('is the same, for the same work, whatever was wrong', async () => {
      const { seed, suite } = server();
      // The first to ask on an instance pays for the look at whose database it is, whoever that is.
      await (await suite.home()).admit(new Meter());
      await seed.tenant('closed', { disabled: true });
      await seed.user({ tenant_id: 'acme', username: 'known' });
      await seed.user({ tenant_id: 'acme', username: 'former', disabled: true });
      await seed.user({ tenant_id: 'closed', username: 'known' });
      const checks = passwords.checks;
      const answers = [
        await login('acme', 'known', 'a wrong password'),
        await login('acme', 'unknown', DEFAULT_PASSWORD),
        await login('acme', 'former', DEFAULT_PASSWORD),
        await login('closed', 'known', DEFAULT_PASSWORD),
        await login('globex', 'known', DEFAULT_PASSWORD),
        await login('nowhere', 'known', DEFAULT_PASSWORD),
        await login('../../system', 'known', DEFAULT_PASSWORD),
      ].map(visible);
      assert.equal(passwords.checks, checks + answers.length);
      const [first] = answers;
      assert.match(JSON.stringify(first), /"status":401.*invalid_credentials/);
      for (const answer of answers) assert.deepEqual(answer, first);
    });

    it('tells failures to the log of the tenant, if there is one, and names nobody it does not know', async () => {
      const own = await server().seed.auditOf('acme', 'auth.login');
      const told = own.map(({ outcome, detail, target, user_id }) => [outcome, detail, target, user_id === null]);
      assert.deepEqual(
        new Set(told.map(String)),
        new Set(['failure,wrong password,,false', 'failure,unknown user,u***,true', 'failure,user disabled,,false']),
      );
      const platform = await server().seed.auditOf('system', 'auth.login');
      assert.deepEqual(
        platform.map(({ detail, target }) => [detail, target]),
        [
          ['unknown tenant', 'k***'],
          ['unknown tenant', 'k***'],
        ],
      );
      assert.ok(!JSON.stringify([own, platform]).includes(DEFAULT_PASSWORD));
      assert.deepEqual(await server().seed.auditOf('system', 'access.refused'), []);
    });

    it('does not trim or fold the password, and folds the username', async () => {
      await server().seed.user({ tenant_id: 'acme', username: 'exact', password: ' Exactly as Typed\0' });
      assert.equal((await login('acme', 'EXACT', ' Exactly as Typed\0')).status, 200);
      for (const other of ['Exactly as Typed\0', ' Exactly as Typed', ' exactly as typed\0']) {
        assert.equal((await login('acme', 'exact', other)).code, 'invalid_credentials');
      }
    });

    it('refuses what is not a sign-in before any work', async () => {
      const { client } = server();
      const checks = passwords.checks;
      const json = { username: 'known', password: DEFAULT_PASSWORD };
      const headers = { 'x-bas-tenant': 'acme' };
      const post = (sending: object): Promise<Answer> => client.send('POST', '/v1/login', { headers, ...sending });
      const as = (type: string): object => ({
        headers: { ...headers, 'content-type': type },
        body: JSON.stringify(json),
      });
      assert.equal((await client.send('POST', '/v1/login', { json })).code, 'tenant_mismatch');
      assert.equal((await post(as('text/plain'))).status, 415);
      assert.equal((await post(as('application/x-www-form-urlencoded'))).status, 415);
      assert.equal((await post({ json: { ...json, password: 'x'.repeat(1_025) } })).status, 400);
      assert.equal((await post({ json: { ...json, tenant_id: 'globex' } })).status, 400);
      assert.equal((await post({ json: { username: 'a/b', password: 'x' } })).status, 400);
      assert.equal((await post({ json: { username: 'known', password: ['x'] } })).status, 400);
      assert.equal((await post({ json: { ...json, password: 'x'.repeat(1_048_576) } })).status, 413);
      assert.equal((await client.send('GET', '/v1/login', { headers })).status, 405);
      assert.equal(passwords.checks, checks);
    });

    it('renews an outdated hash, also when two sign in at once', async () => {
      const { seed, suite } = server();
      const algo_params = { algorithm: 'argon2id', memory_kib: 8_192, time_cost: 2, parallelism: 1 } as const;
      const options = { memoryCost: 8_192, timeCost: 2, parallelism: 1 };
      const hash: PasswordHash = { password_hash: await argon2.hash('the old password', options), algo_params };
      const user = await seed.user({ tenant_id: 'acme', username: 'old-hand', password: 'the old password', hash });
      const both = await Promise.all([1, 2].map(() => login('acme', 'old-hand', 'the old password')));
      assert.deepEqual(
        both.map(({ status }) => status),
        [200, 200],
      );
      const stores = await seed.stores();
      const renewed = await stores.forTenant('acme').users.get(user.user_id);
      assert.deepEqual(renewed?.algo_params, { ...algo_params, memory_kib: 65_536, time_cost: 3 });
      assert.match(renewed.password_hash, /^\$argon2id\$v=19\$m=65536,p=1,t=3\$/);
      assert.equal((await login('acme', 'old-hand', 'the old password')).status, 200);
      assert.equal(suite.sign_ins.size, 0);
    });
  });
}
