/** What ends a session on one instance ends it on every other: at once on SQLite, within the stated 30 s on Firestore. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { SECOND_MS } from '@bas/core/clock';
import type { Config } from '@bas/core/config';
import { MAX_SESSIONS_PER_USER, SESSION_CACHE_MS } from '@bas/core/model/session-rules';
import * as z from 'zod';
import { authDoors } from './auth-flow/doors.ts';
import type { Answer } from './support/client.ts';
import { MovableClock } from './support/movable-clock.ts';
import { RememberingPasswords } from './support/passwords.ts';
import type { SeededUser } from './support/seed.ts';
import { Browser, startServer, STORES, type StoreName, type TestServer } from './support/server.ts';

const NEXT_PASSWORD = 'another long enough password';
const Listed = z.object({ sessions: z.array(z.object({ session_id: z.uuid() })) });

interface Scene {
  readonly here: TestServer;
  readonly user: SeededUser;
  readonly browser: Browser;
  readonly admin: Browser;
}

/** Every way in which a session ends before its time. */
const ENDINGS: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
  'its user signs out': ({ browser }) => browser.post('/v1/logout'),
  'its user ends it from another browser': async ({ here, user }) => {
    here.clock.advance(1);
    const other = await here.signIn(user);
    const { sessions } = Listed.parse((await other.get('/v1/account/sessions')).json());
    return other.delete(`/v1/account/sessions/${sessions[1]?.session_id ?? ''}`);
  },
  'its user changes the password': async ({ here, user }) => changePassword(await here.signIn(user), user.password),
  'an administrator disables its user': ({ admin, user }) =>
    admin.patch(`/v1/users/${user.user_id}`, { disabled: true }),
  'an administrator changes the role of its user': ({ admin, user }) =>
    admin.patch(`/v1/users/${user.user_id}`, { role: 'operator' }),
  'the platform disables its tenant': async ({ here, user }) =>
    (await here.seed.stores()).tenants.setDisabled(user.tenant_id, true),
  'its user signs in once more than they may at a time': async ({ here, user }) => {
    for (let more = 0; more < MAX_SESSIONS_PER_USER; more += 1) {
      here.clock.advance(1);
      await here.signIn(user);
    }
  },
  'another browser uses it': ({ browser }) => browser.get('/v1/session', { headers: { 'user-agent': 'curl/8' } }),
};

function changePassword(browser: Browser, current_password: string): Promise<Answer> {
  return browser.post('/v1/account/password', { current_password, new_password: NEXT_PASSWORD });
}

async function bothInstances(store: StoreName, config: Partial<Config> = {}): Promise<[TestServer, TestServer]> {
  const clock = new MovableClock();
  const passwords = new RememberingPasswords();
  const here = await startServer({ store, doors: authDoors, clock, parts: { passwords }, config });
  const { home } = here.suite.config;
  const there = await startServer({ store, doors: authDoors, clock, parts: { passwords }, home, config });
  return [here, there];
}

/** A user who is signed in here and known there, in a tenant of their own. */
async function sceneOf(here: TestServer, there: TestServer): Promise<Scene & { readonly known: Browser }> {
  const tenant_id = `acme-${randomUUID()}`;
  await here.seed.tenant(tenant_id);
  const user = await here.seed.user({ tenant_id });
  const admin = await here.signIn(await here.seed.user({ tenant_id, role: 'admin' }));
  const browser = await here.signIn(user);
  const known = new Browser(there.client, { ...browser.headers, 'x-bas-tenant': tenant_id }, browser.token);
  assert.equal(await statusOf(known), 200);
  return { here, user, browser, admin, known };
}

async function statusOf(browser: Browser): Promise<number> {
  return (await browser.get('/v1/session')).status;
}

for (const store of STORES) {
  describe(`two instances on ${store}`, function () {
    this.timeout(60_000);
    let here: TestServer;
    let there: TestServer;

    before(async () => {
      [here, there] = await bothInstances(store);
    });
    after(async () => {
      await there.close();
      await here.close();
    });

    for (const [how, end] of Object.entries(ENDINGS)) {
      it(`end a session, wherever it is used: ${how}`, async () => {
        const scene = await sceneOf(here, there);
        const known_ms = here.clock.now_ms();
        await end(scene);
        assert.equal(await statusOf(scene.browser), 401);
        here.clock.set(known_ms + SESSION_CACHE_MS - 1);
        // The last moment in which memory may answer, as the documents say; a box asks its file each time.
        assert.equal(await statusOf(scene.known), store === 'firestore' ? 200 : 401);
        here.clock.set(known_ms + SESSION_CACHE_MS);
        assert.equal(await statusOf(scene.known), 401);
        here.clock.advance(SECOND_MS);
        assert.equal(await statusOf(scene.known), 401);
      });
    }

    it('leave one session alive of twenty rotations at once, known to both', async () => {
      const { user, browser, known } = await sceneOf(here, there);
      const tries = Array.from({ length: 20 }, (_, at) => changePassword(at % 2 ? known : browser, user.password));
      const answers = await Promise.all(tries);
      const [won, ...others] = answers.filter(({ status }) => status === 200);
      assert.ok(won !== undefined && others.length === 0, answers.map(({ status }) => status).join());
      const lost = new Set(answers.filter(({ status }) => status !== 200).map(({ status }) => status));
      assert.ok(
        [...lost].every((status) => status === 401 || status === 429),
        [...lost].join(),
      );
      const { sessions } = (await here.seed.stores()).forTenant(user.tenant_id);
      assert.equal((await sessions.listForUser(user.user_id)).length, 1);
      const token = /^__session=([^;]+)/.exec(won.headers['set-cookie']?.[0] ?? '')?.[1] ?? '';
      here.clock.advance(SESSION_CACHE_MS);
      for (const { client } of [here, there]) {
        assert.equal(await statusOf(new Browser(client, browser.headers, token)), 200);
        assert.equal(await statusOf(new Browser(client, browser.headers, browser.token)), 401);
      }
    });
  });
}

describe('two instances on firestore that remember nothing', () => {
  it('end a session at once', async () => {
    const [here, there] = await bothInstances('firestore', { read_cache: 'none' });
    try {
      const { browser, known } = await sceneOf(here, there);
      await browser.post('/v1/logout');
      assert.equal(await statusOf(known), 401);
    } finally {
      await there.close();
      await here.close();
    }
  }).timeout(20_000);
});
