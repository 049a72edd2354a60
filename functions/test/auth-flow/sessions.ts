import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { MINUTE_MS, SECOND_MS } from '@bas/core/clock';
import { SESSION_ABSOLUTE_MS, SESSION_IDLE_MS } from '@bas/core/model/session-rules';
import { dumpStore } from '../support/dump.ts';
import { RememberingPasswords } from '../support/passwords.ts';
import type { SeededUser } from '../support/seed.ts';
import type { Browser, StoreName } from '../support/server.ts';
import { serverFor } from './doors.ts';

const FIREFOX = { 'user-agent': 'Mozilla/5.0 Firefox/140.0' };

/** How long a session lives, and all that ends it. */
export function sessionCases(store: StoreName): void {
  describe('a session', () => {
    const server = serverFor({ store, parts: { passwords: new RememberingPasswords() } });
    const newUser = (): Promise<SeededUser> => server().seed.user({ tenant_id: 'acme' });
    const signedIn = async (): Promise<Browser> => server().signIn(await newUser());
    const statusOf = async (browser: Browser, sending = {}): Promise<number> =>
      (await browser.get('/v1/session', sending)).status;

    it('tells who is signed in and until when, and never a hash or a token', async () => {
      const user = await newUser();
      const answer = await (await server().signIn(user)).get('/v1/session');
      const now_ms = server().clock.now_ms();
      const { user_id, username, role } = user;
      assert.deepEqual(answer.json(), {
        user: { user_id, username, role, disabled: false, created_ms: now_ms },
        tenant_id: 'acme',
        created_ms: now_ms,
        idle_expires_ms: now_ms + SESSION_IDLE_MS,
        expires_ms: now_ms + SESSION_ABSOLUTE_MS,
      });
      assert.equal(answer.headers['cache-control'], 'private, no-store');
      assert.equal(answer.headers.vary, 'Cookie, X-BAS-Tenant');
    });

    it('has a cookie that only this site and no script can read', async () => {
      const { username, password } = await newUser();
      const headers = { 'x-bas-tenant': 'acme' };
      const answer = await server().client.send('POST', '/v1/login', { headers, json: { username, password } });
      const cookies = answer.headers['set-cookie'] ?? [];
      assert.deepEqual(
        cookies.map((cookie) => cookie.replace(/=[A-Za-z0-9_-]{43};/, '=<token>;')),
        ['__session=<token>; Path=/; Max-Age=43200; HttpOnly; Secure; SameSite=Lax'],
      );
      assert.ok(!answer.text.includes((cookies[0] ?? '').slice(10, 53)));
    });

    it('ends after 30 idle minutes', async () => {
      const { clock } = server();
      const browser = await signedIn();
      clock.advance(SESSION_IDLE_MS - SECOND_MS);
      assert.equal(await statusOf(browser), 200);
      clock.advance(SESSION_IDLE_MS - SECOND_MS);
      assert.equal(await statusOf(browser), 200);
      clock.advance(SESSION_IDLE_MS + SECOND_MS);
      assert.equal(await statusOf(browser), 401);
      clock.advance(-2 * SECOND_MS);
      assert.equal(await statusOf(browser), 200, 'expiry is a matter of the clock until the sweep');
    });

    it('ends after 12 hours whatever is done with it', async () => {
      const { clock } = server();
      const browser = await signedIn();
      const expires_ms = clock.now_ms() + SESSION_ABSOLUTE_MS;
      while (clock.now_ms() + 20 * MINUTE_MS < expires_ms) {
        clock.advance(20 * MINUTE_MS);
        assert.equal((await browser.get('/v1/session')).member('expires_ms'), expires_ms);
      }
      clock.set(expires_ms - SECOND_MS);
      assert.equal((await browser.get('/v1/session')).member('idle_expires_ms'), expires_ms);
      clock.set(expires_ms + SECOND_MS);
      assert.equal(await statusOf(browser), 401);
    });

    it('is fresh at each sign-in, which ends the one before in the same browser', async () => {
      const user = await newUser();
      const planted = `__session=${'A'.repeat(43)}`;
      const first = await server().signIn(user, { headers: { ...FIREFOX, cookie: planted } });
      assert.ok(!planted.includes(first.token));
      const again = await server().signIn(user, { headers: { ...FIREFOX, cookie: `__session=${first.token}` } });
      assert.notEqual(again.token, first.token);
      assert.deepEqual([await statusOf(first), await statusOf(again)], [401, 200]);
      const [told] = await server().seed.auditOf('acme', 'session.revoke');
      assert.deepEqual([told?.user_id, told?.detail], [user.user_id, 'replaced by a new sign-in']);
    });

    it('is gone after signing out, and its cookie cannot be replayed', async () => {
      const browser = await signedIn();
      const answer = await browser.post('/v1/logout');
      assert.equal(answer.status, 204);
      assert.deepEqual(answer.headers['set-cookie'], ['__session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax']);
      assert.equal((await browser.get('/v1/session')).code, 'unauthenticated');
      assert.equal((await browser.post('/v1/logout')).status, 401);
      assert.equal((await server().seed.auditOf('acme', 'auth.logout')).length, 1);
    });

    it('is not opened by anything but its one cookie', async () => {
      const browser = await signedIn();
      const { token } = browser;
      const hash = createHash('sha256').update(token);
      const cookies = [
        `__session=${hash.copy().digest('hex')}`,
        `__session=${hash.copy().digest('base64url')}`,
        `__session=${token}; __session=${token}`,
        [`__session=${token}`, `__session=${token}`],
        `__session=${token}; pad=${'x'.repeat(5_120)}`,
        `__session=${'x'.repeat(5_120)}`,
        `session=${token}`,
      ];
      for (const cookie of cookies) assert.equal(await statusOf(browser, { headers: { cookie } }), 401);
      const bearer = { 'x-bas-tenant': 'acme', ...FIREFOX, authorization: `Bearer ${token}` };
      assert.equal((await server().client.send('GET', '/v1/session', { headers: bearer })).status, 401);
      assert.equal((await browser.get(`/v1/session?__session=${token}`, { headers: { cookie: 'a=b' } })).status, 401);
      assert.equal(await statusOf(browser), 200);
    });

    it('serves its own tenant alone, named exactly once', async () => {
      const browser = await signedIn();
      for (const tenant of ['globex', 'ACME', 'acme, acme', 'acme,globex', '', ['acme', 'acme']]) {
        assert.equal(
          (await browser.get('/v1/session', { headers: { 'x-bas-tenant': tenant } })).code,
          'tenant_mismatch',
        );
      }
      const headers = { ...FIREFOX, cookie: `__session=${browser.token}` };
      assert.equal((await server().client.send('POST', '/v1/logout', { headers })).code, 'tenant_mismatch');
      assert.equal(await statusOf(browser), 200);
    });

    it('ends when another browser uses it, not when its own moves or is updated', async () => {
      const { seed } = server();
      const browser = await signedIn();
      assert.equal(await statusOf(browser, { headers: { 'user-agent': 'Mozilla/5.0 Firefox/141.0' } }), 200);
      assert.equal(await statusOf(browser, { from: '127.0.0.2' }), 200);
      const before = (await seed.auditOf('acme', 'auth.login')).length;
      assert.equal(await statusOf(browser, { from: '127.9.9.9' }), 200);
      assert.equal(await statusOf(browser, { from: '127.9.9.9' }), 200);
      const moves = await seed.auditOf('acme', 'auth.login');
      assert.equal(moves.length, before + 1);
      assert.ok(moves.some(({ detail, ip }) => detail?.includes('another network') === true && ip === '127.9.9.9'));
      assert.equal(await statusOf(browser, { headers: { 'user-agent': 'curl/8' } }), 401);
      assert.equal(await statusOf(browser), 401);
      const revoked = await seed.auditOf('acme', 'session.revoke');
      assert.ok(revoked.some(({ outcome, detail }) => outcome === 'refused' && detail?.includes('browser') === true));
    });

    it('is one of at most ten of its user; the oldest ends', async () => {
      const { seed, clock } = server();
      const user = await newUser();
      const browsers: Browser[] = [];
      for (let index = 0; index < 11; index += 1) {
        clock.advance(SECOND_MS);
        browsers.push(await server().signIn(user));
      }
      const [oldest, second] = browsers;
      assert.ok(oldest !== undefined && second !== undefined);
      assert.deepEqual([await statusOf(oldest), await statusOf(second)], [401, 200]);
      const [told] = await seed.auditOf('acme', 'auth.login');
      assert.match(told?.detail ?? '', /^ended the oldest: [0-9a-f-]{36}$/);
    });

    it('ends with its tenant', async () => {
      const { seed, signIn } = server();
      await seed.tenant('closing');
      const browser = await signIn(await seed.user({ tenant_id: 'closing' }));
      await (await seed.stores()).tenants.setDisabled('closing', true);
      assert.equal(await statusOf(browser), 401);
    });

    it('leaves its token in neither store', async () => {
      const browser = await signedIn();
      await browser.get('/v1/session');
      const dump = await dumpStore(server().suite.config.home);
      assert.ok(dump.includes(createHash('sha256').update(browser.token).digest('hex')));
      assert.ok(!dump.includes(browser.token));
      assert.ok(!dump.includes('correct horse'));
    });
  });
}
