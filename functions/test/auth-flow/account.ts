import assert from 'node:assert/strict';
import { SECOND_MS } from '@bas/core/clock';
import * as z from 'zod';
import { RememberingPasswords } from '../support/passwords.ts';
import { DEFAULT_PASSWORD, type SeededUser } from '../support/seed.ts';
import type { Browser, StoreName } from '../support/server.ts';
import { serverFor } from './doors.ts';

const NEXT_PASSWORD = 'another long enough password';
const Listed = z.object({
  sessions: z.array(
    z.strictObject({
      session_id: z.uuid(),
      created_ms: z.int(),
      last_seen_ms: z.int(),
      idle_expires_ms: z.int(),
      expires_ms: z.int(),
      current: z.boolean(),
    }),
  ),
  next_cursor: z.string().nullable(),
});

/** What people do with their own account. */
export function accountCases(store: StoreName): void {
  describe('an account', () => {
    const server = serverFor({ store, parts: { passwords: new RememberingPasswords() } });
    const newUser = (): Promise<SeededUser> => server().seed.user({ tenant_id: 'acme' });
    const change = (browser: Browser, current_password: string, new_password = NEXT_PASSWORD) =>
      browser.post('/v1/account/password', { current_password, new_password });
    const sessionsOf = async (browser: Browser, query = '') =>
      Listed.parse((await browser.get(`/v1/account/sessions${query}`)).json());
    const live = async (browser: Browser): Promise<boolean> => (await browser.get('/v1/session')).status === 200;

    it('changes its password: other sessions end and this one rotates', async () => {
      const user = await newUser();
      const [browser, other] = [await server().signIn(user), await server().signIn(user)];
      const answer = await change(browser, user.password);
      assert.equal(answer.status, 200, answer.text);
      const cookie = (answer.headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '';
      assert.match(cookie, /^__session=[A-Za-z0-9_-]{43}$/);
      assert.deepEqual([await live(browser), await live(other)], [false, false]);
      assert.equal((await browser.get('/v1/session', { headers: { cookie } })).status, 200);
      await assert.rejects(server().signIn(user), /401/);
      await server().signIn({ ...user, password: NEXT_PASSWORD });
      const [told] = await server().seed.auditOf('acme', 'auth.password_change');
      assert.deepEqual([told?.outcome, told?.user_id], ['success', user.user_id]);
    });

    it('is not taken over with a cookie alone', async () => {
      const user = await newUser();
      const browser = await server().signIn(user);
      for (let index = 0; index < 5; index += 1) {
        assert.equal((await change(browser, 'a guessed password')).code, 'invalid_credentials');
      }
      const blocked = await change(browser, user.password);
      assert.deepEqual([blocked.code, blocked.headers['retry-after']], ['sign_in_throttled', '30']);
      await assert.rejects(server().signIn(user), /429/, 'both doors count together');
      assert.ok(await live(browser));
      const told = await server().seed.auditOf('acme', 'auth.password_change');
      assert.ok(told.some(({ outcome, user_id }) => outcome === 'failure' && user_id === user.user_id));
      assert.ok(told.some(({ outcome }) => outcome === 'refused'));
      server().clock.advance(30 * SECOND_MS);
      assert.equal((await change(browser, user.password)).status, 200);
    });

    it('refuses a new password of the wrong length', async () => {
      const browser = await server().signIn(await newUser());
      for (const bad of ['short', 'x'.repeat(11), 'x'.repeat(1_025)]) {
        assert.equal((await change(browser, DEFAULT_PASSWORD, bad)).code, 'malformed_request');
      }
      assert.ok(await live(browser));
    });

    it('has exactly one live session after many changes at once', async () => {
      const user = await newUser();
      const browser = await server().signIn(user);
      const changes = Array.from({ length: 20 }, () => change(browser, user.password));
      const answers = await Promise.all(changes);
      const won = answers.filter(({ status }) => status === 200);
      assert.equal(won.length, 1);
      const lost = answers.filter(({ status }) => status !== 200).map(({ status }) => status);
      assert.ok(
        lost.every((status) => status === 401 || status === 429),
        String(lost),
      );
      const own = (await server().seed.stores()).forTenant('acme');
      assert.equal((await own.sessions.listForUser(user.user_id)).length, 1);
      assert.ok(!(await live(browser)));
    });

    it('lists its own sessions, page by page, and ends one of them', async () => {
      const user = await newUser();
      const first = await server().signIn(user);
      server().clock.advance(SECOND_MS);
      const second = await server().signIn(user);
      const { sessions } = await sessionsOf(second);
      assert.deepEqual(
        sessions.map(({ current }) => current),
        [true, false],
      );
      const page = await sessionsOf(second, '?limit=1');
      const rest = await sessionsOf(second, `?limit=1&cursor=${page.next_cursor ?? ''}`);
      assert.deepEqual([...page.sessions, ...rest.sessions], sessions);
      assert.equal(rest.next_cursor, null);
      assert.equal((await first.get(`/v1/account/sessions?cursor=${page.next_cursor ?? ''}`)).code, 'invalid_cursor');
      const older = sessions[1]?.session_id ?? '';
      assert.equal((await second.delete(`/v1/account/sessions/${older}`)).status, 204);
      assert.equal((await second.delete(`/v1/account/sessions/${older}`)).status, 404);
      assert.deepEqual([await live(first), await live(second)], [false, true]);
      const [told] = await server().seed.auditOf('acme', 'session.revoke');
      assert.deepEqual([told?.outcome, told?.target, told?.user_id], ['success', older, user.user_id]);
    });

    it('goes on with its sessions after one that has ended meanwhile', async () => {
      const user = await newUser();
      for (let index = 0; index < 4; index += 1) await server().signIn(user);
      server().clock.advance(SECOND_MS);
      const browser = await server().signIn(user);
      const { sessions } = await sessionsOf(browser);
      const first = await sessionsOf(browser, '?limit=3');
      for (const { session_id, current } of first.sessions) {
        if (!current) await browser.delete(`/v1/account/sessions/${session_id}`);
      }
      const rest = await sessionsOf(browser, `?limit=3&cursor=${first.next_cursor ?? ''}`);
      assert.deepEqual([...first.sessions, ...rest.sessions], sessions);
      assert.equal(rest.next_cursor, null);
    });

    it('cannot end the session of another, and may end the one it uses', async () => {
      const mine = await server().signIn(await newUser());
      const other = await server().signIn(await newUser());
      const [theirs] = (await sessionsOf(other)).sessions;
      const answers = [
        await mine.delete(`/v1/account/sessions/${theirs?.session_id ?? ''}`),
        await mine.delete('/v1/account/sessions/00000000-0000-4000-8000-000000000000'),
        await mine.delete('/v1/account/sessions/..%2F..'),
      ];
      assert.deepEqual(new Set(answers.map(({ code }) => code)), new Set(['not_found']));
      assert.ok(await live(other));
      const [own] = (await sessionsOf(mine)).sessions;
      const ended = await mine.delete(`/v1/account/sessions/${own?.session_id ?? ''}`);
      assert.match(ended.headers['set-cookie']?.[0] ?? '', /^__session=; .*Max-Age=0/);
      assert.ok(!(await live(mine)));
    });
  });
}
