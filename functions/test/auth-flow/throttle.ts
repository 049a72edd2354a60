import assert from 'node:assert/strict';
import { MINUTE_MS, SECOND_MS } from '@bas/core/clock';
import { createPasswords } from '@bas/core/passwords/passwords';
import type { Answer, Headers } from '../support/client.ts';
import { CountingPasswords, RememberingPasswords } from '../support/passwords.ts';
import { DEFAULT_PASSWORD } from '../support/seed.ts';
import type { StoreName, TestServer } from '../support/server.ts';
import { serverFor } from './doors.ts';
import { visible } from './visible.ts';

interface Try {
  readonly password?: string;
  readonly from?: string;
  readonly forwarded?: string;
}

function tryOn(server: () => TestServer, tenant_id: string) {
  return (username: string, { password = 'a wrong password', from, forwarded }: Try = {}): Promise<Answer> => {
    const headers: Headers = {
      'x-bas-tenant': tenant_id,
      ...(forwarded === undefined ? {} : { 'x-forwarded-for': forwarded, 'x-real-ip': forwarded, forwarded }),
    };
    const json = { username, password };
    return server().client.send('POST', '/v1/login', { headers, json, ...(from === undefined ? {} : { from }) });
  };
}

async function failTimes(times: number, attempt: () => Promise<Answer>): Promise<void> {
  for (let index = 0; index < times; index += 1) assert.equal((await attempt()).code, 'invalid_credentials');
}

/** How guessing is slowed down, and that it slows nobody else. */
export function throttleCases(store: StoreName): void {
  describe('the throttle of sign-in', () => {
    const server = serverFor({ store, parts: { passwords: new RememberingPasswords() } });
    const attempt = tryOn(server, 'acme');

    it('lets five wrong tries through, then makes guessing wait, twice as long each time', async () => {
      const { seed, clock } = server();
      const { username } = await seed.user({ tenant_id: 'acme', username: 'victim' });
      await failTimes(5, () => attempt(username));
      let used = 5;
      for (const wait_s of [30, 60, 120, 240, 480, 900, 900]) {
        const blocked = await attempt(username, { password: DEFAULT_PASSWORD });
        assert.equal(blocked.status, 429);
        assert.equal(blocked.code, 'sign_in_throttled');
        assert.equal(blocked.headers['retry-after'], String(wait_s));
        const members = ['limit', 'used', 'reset_ms'].map((name) => blocked.member(name));
        assert.deepEqual(members, [5, used, clock.now_ms() + wait_s * SECOND_MS]);
        clock.advance(wait_s * SECOND_MS - 1);
        assert.equal((await attempt(username)).status, 429);
        clock.advance(1);
        await failTimes(1, () => attempt(username));
        used += 1;
      }
      const [told] = await seed.auditOf('acme', 'auth.login');
      assert.equal(told?.outcome, 'failure');
      const refused = (await seed.auditOf('acme', 'auth.login')).find(({ outcome }) => outcome === 'refused');
      assert.match(refused?.detail ?? '', /^sign_in_throttled/);
      clock.advance(15 * MINUTE_MS);
      assert.equal((await attempt(username, { password: DEFAULT_PASSWORD })).status, 200);
      await failTimes(5, () => attempt(username));
    });

    it('treats an account or a tenant that does not exist alike', async () => {
      const { username } = await server().seed.user({ tenant_id: 'acme', username: 'exists' });
      const tries = [attempt, tryOn(server, 'nowhere')].map((one) => () => one(username));
      const blocked = [];
      for (const one of [...tries, () => attempt('nobody')]) {
        await failTimes(5, one);
        blocked.push(visible(await one()), visible(await one()));
      }
      assert.match(JSON.stringify(blocked[0]), /"status":429.*"retry-after","30"/);
      for (const answer of blocked) assert.deepEqual(answer, blocked[0]);
    });

    it('does not lock the user out at another address', async () => {
      const { username } = await server().seed.user({ tenant_id: 'acme', username: 'elsewhere' });
      await failTimes(5, () => attempt(username));
      assert.equal((await attempt(username, { password: DEFAULT_PASSWORD })).status, 429);
      assert.equal((await attempt(username, { password: DEFAULT_PASSWORD, from: '127.0.1.1' })).status, 200);
      assert.equal((await attempt(username, { password: DEFAULT_PASSWORD, from: '127.0.0.9' })).status, 200);
    });

    it('is not dodged by a forged X-Forwarded-For', async () => {
      let forged = 0;
      const dodge = (): Promise<Answer> => attempt('dodged', { forwarded: `6.6.${String((forged += 1))}.6` });
      await failTimes(5, dodge);
      assert.equal((await dodge()).status, 429);
    });

    it('slows one network that tries many accounts, and counts only wrong tries', async () => {
      const from = '127.0.2.1';
      const { username } = await server().seed.user({ tenant_id: 'acme', username: 'busy-office' });
      for (let index = 0; index < 50; index += 1) {
        assert.equal((await attempt(`guess-${String(index)}`, { from })).status, 401);
        if (index % 5 === 0 && index < 45) {
          assert.equal((await attempt(username, { from, password: DEFAULT_PASSWORD })).status, 200);
        }
      }
      const blocked = await attempt('guess-51', { from });
      assert.deepEqual([blocked.status, blocked.member('limit')], [429, 50]);
      assert.equal((await attempt(username, { from: '127.0.3.1', password: DEFAULT_PASSWORD })).status, 200);
      server().clock.advance(30_000);
      assert.equal((await attempt(username, { from, password: DEFAULT_PASSWORD })).status, 200);
      assert.equal((await attempt('guess-52', { from })).status, 401);
    });
  });

  describe('the throttle behind one trusted proxy', () => {
    const config = { trusted_proxy_hops: 1 };
    const server = serverFor({ store, config, parts: { passwords: new RememberingPasswords() } });
    const attempt = tryOn(server, 'acme');

    it('believes the proxy and not what stands before', async () => {
      const { username } = await server().seed.user({ tenant_id: 'acme', username: 'proxied' });
      let forged = 0;
      const dodge = (client: string): Promise<Answer> =>
        attempt(username, { forwarded: `10.${String((forged += 1))}.0.1, ${client}` });
      await failTimes(5, () => dodge('203.0.113.7'));
      assert.equal((await dodge('203.0.113.7')).status, 429);
      assert.equal((await dodge('::ffff:203.0.113.7')).status, 429);
      const elsewhere = { password: DEFAULT_PASSWORD, forwarded: '203.0.113.7, 198.51.100.1' };
      assert.equal((await attempt(username, elsewhere)).status, 200);
    });
  });

  describe('many sign-ins at once', () => {
    const passwords = new CountingPasswords();
    const server = serverFor({ store, parts: { passwords } });
    const attempt = tryOn(server, 'acme');

    it('reach Argon2 no more often than the limit when they are wrong', async () => {
      await server().seed.user({ tenant_id: 'acme', username: 'stormed' });
      const checks = passwords.checks;
      const answers = await Promise.all(Array.from({ length: 50 }, () => attempt('stormed')));
      assert.equal(passwords.checks - checks, 5);
      const statuses = answers.map(({ status }) => status).sort();
      assert.deepEqual(statuses, [...Array<number>(5).fill(401), ...Array<number>(45).fill(429)]);
    });

    it('all enter when they are right', async () => {
      const { username, user_id } = await server().seed.user({ tenant_id: 'acme', username: 'eager' });
      const enter = (): Promise<Answer> => attempt(username, { password: DEFAULT_PASSWORD });
      const answers = await Promise.all(Array.from({ length: 12 }, enter));
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
      assert.equal(new Set(answers.map(({ headers }) => headers['set-cookie']?.[0])).size, 12);
      const own = (await server().seed.stores()).forTenant('acme');
      assert.equal((await own.sessions.listForUser(user_id)).length, 10);
    });
  });

  describe('more sign-ins than there is room for', () => {
    const passwords = createPasswords({ running: 1, waiting: 0 });
    const server = serverFor({ store, parts: { passwords } });
    const attempt = tryOn(server, 'acme');

    it('are told when to come back, and have not failed', async () => {
      const { username } = await server().seed.user({ tenant_id: 'acme', username: 'patient' });
      const enough = new AbortController();
      const others = (async () => {
        while (!enough.signal.aborted) await passwords.verify('somebody else', null);
      })();
      // One more than the free failures of an account.
      for (let refused = 0; refused < 6; refused += 1) {
        const { code, headers } = await attempt(username, { password: DEFAULT_PASSWORD });
        assert.equal(code, 'overloaded');
        assert.match(String(headers['retry-after']), /^[1-9]\d*$/);
      }
      enough.abort();
      await others;
      assert.equal((await attempt(username, { password: DEFAULT_PASSWORD })).status, 200);
    });
  });
}
