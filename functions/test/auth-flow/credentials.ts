import assert from 'node:assert/strict';
import type { PasswordHash } from '@bas/core/model/entities';
import argon2 from 'argon2';
import { dumpStore } from '../support/dump.ts';
import { CountingPasswords } from '../support/passwords.ts';
import { DEFAULT_PASSWORD } from '../support/seed.ts';
import type { Browser, StoreName } from '../support/server.ts';
import { serverFor } from './doors.ts';

/** Names that other software believes the client's address or the host by. */
const BELIEVED_ELSEWHERE = [
  'x-real-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'fastly-client-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-original-forwarded-for',
];

/** Real work, but no new hash: as if the process had died before it was there. */
class DyingPasswords extends CountingPasswords {
  dying = false;

  override hash(password: string): ReturnType<CountingPasswords['hash']> {
    return this.dying ? Promise.reject(new Error('the process ended here')) : super.hash(password);
  }
}

/** What is taken for a credential, and what a try that fails leaves behind. */
export function credentialCases(store: StoreName): void {
  describe('a credential', () => {
    const passwords = new DyingPasswords();
    const server = serverFor({ store, parts: { passwords } });
    const signedIn = async (): Promise<Browser> => server().signIn(await server().seed.user({ tenant_id: 'acme' }));
    const headers = { 'x-bas-tenant': 'acme', 'user-agent': 'Mozilla/5.0 Firefox/140.0' };

    it('is not taken from a body, a query or a header of another name', async () => {
      const { client } = server();
      const { token } = await signedIn();
      const { user_id } = await server().seed.user({ tenant_id: 'acme' });
      const change = { current_password: DEFAULT_PASSWORD, new_password: 'another long enough password' };
      const bodies = [{ ...change, __session: token }, { ...change, token }, { ...change, user_id }, change];
      for (const json of bodies) {
        for (const sent of [{}, { 'x-session': token }, { cookie2: `__session=${token}` }, { __session: token }]) {
          const answer = await client.send('POST', '/v1/account/password', { headers: { ...headers, ...sent }, json });
          assert.deepEqual([answer.status, answer.code], [401, 'unauthenticated'], JSON.stringify([json, sent]));
        }
      }
      const asked = `/v1/account/sessions?user_id=${user_id}&token=${token}`;
      assert.equal((await client.send('GET', asked, { headers })).status, 401);
    });

    it('that is wrong opens nothing: no cookie, no session, nor half of one', async () => {
      const { client, seed, suite } = server();
      const user = await seed.user({ tenant_id: 'acme' });
      const former = await seed.user({ tenant_id: 'acme', disabled: true });
      const planted = `__session=${'A'.repeat(43)}`;
      for (const { username, user_id } of [user, former]) {
        const password = username === user.username ? 'a wrong password' : DEFAULT_PASSWORD;
        const sending = { headers: { ...headers, cookie: planted }, json: { username, password } };
        const answer = await client.send('POST', '/v1/login', sending);
        assert.deepEqual([answer.status, answer.headers['set-cookie']], [401, undefined]);
        const { sessions } = (await seed.stores()).forTenant('acme');
        assert.deepEqual(await sessions.listForUser(user_id), []);
      }
      const cookie = { ...headers, cookie: planted };
      assert.equal((await client.send('GET', '/v1/session', { headers: cookie })).status, 401);
      assert.ok(!(await dumpStore(suite.config.home)).includes('A'.repeat(43)));
    });

    it('that was right lets in again after a process died between the check and the renewed hash', async () => {
      const { client, seed } = server();
      const options = { memoryCost: 8_192, timeCost: 2, parallelism: 1 };
      const algo_params = { algorithm: 'argon2id', memory_kib: 8_192, time_cost: 2, parallelism: 1 } as const;
      const hash: PasswordHash = { password_hash: await argon2.hash(DEFAULT_PASSWORD, options), algo_params };
      const { username, user_id } = await seed.user({ tenant_id: 'acme', hash });
      const login = () => client.send('POST', '/v1/login', { headers, json: { username, password: DEFAULT_PASSWORD } });
      passwords.dying = true;
      assert.equal((await login()).status, 500);
      const { users } = (await seed.stores()).forTenant('acme');
      assert.equal((await users.get(user_id))?.password_hash, hash.password_hash);
      passwords.dying = false;
      assert.equal((await login()).status, 200);
      assert.equal((await users.get(user_id))?.algo_params.algorithm, 'argon2id');
      assert.notEqual((await users.get(user_id))?.password_hash, hash.password_hash);
    });

    it('is throttled by the address of the socket, whatever other headers claim', async () => {
      const { client, seed } = server();
      const { username } = await seed.user({ tenant_id: 'acme' });
      const checks = passwords.checks;
      const forged = async (part: number): Promise<number> => {
        const address = `6.6.${String(part)}.6`;
        const claims = Object.fromEntries(BELIEVED_ELSEWHERE.map((name) => [name, address]));
        const forwarded = { forwarded: `for=${address}`, 'x-forwarded-for': address, 'x-forwarded-host': address };
        const sending = { headers: { ...headers, ...claims, ...forwarded }, json: { username, password: 'wrong' } };
        return (await client.send('POST', '/v1/login', sending)).status;
      };
      for (const from of [0, 50]) {
        const statuses = await Promise.all(Array.from({ length: 50 }, (_, at) => forged(from + at)));
        assert.equal(statuses.filter((status) => status === 429).length, from === 0 ? 45 : 50);
      }
      assert.equal(passwords.checks - checks, 5);
    });

    it('is checked in the method that was sent, whatever a header wants it to be', async () => {
      const browser = await signedIn();
      const names = ['x-http-method-override', 'x-http-method', 'x-method-override'];
      for (const name of names) {
        assert.equal((await browser.get('/v1/logout', { headers: { [name]: 'POST' } })).status, 405, name);
        assert.equal((await browser.get('/v1/session', { headers: { [name]: 'DELETE' } })).status, 200, name);
      }
    });
  });
}
