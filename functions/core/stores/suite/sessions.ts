import assert from 'node:assert/strict';
import { HOUR_MS, MINUTE_MS } from '../../clock.ts';
import type { Session, User } from '../../model/entities.ts';
import { MAX_SESSIONS_PER_USER } from '../../model/session-rules.ts';
import { ACME, NOW_MS, aPassword, aSession, aTenant, aUser, anEvent } from './fixtures.ts';
import { count, type StoreUnderTest } from './store-under-test.ts';

export function sessions(store: StoreUnderTest): void {
  let user: User;

  beforeEach(async () => {
    user = aUser();
    await store.stores.tenants.create(aTenant());
    await store.tenant().users.create(user, anEvent());
  });

  const tokens = async () => (await store.raw.sessions(ACME)).map(({ token_sha256 }) => token_sha256);
  const hasEvent = async (id: string) => (await store.raw.auditEvents(ACME)).some(({ event_id }) => event_id === id);

  async function open(changes: Partial<Session> = {}): Promise<Session> {
    const session = aSession(user, changes);
    assert.equal(await store.tenant().sessions.open(session, user.password_hash, anEvent()), 'opened');
    return session;
  }

  it('opens a session that is found by its token', async () => {
    const [session, event] = [aSession(user), anEvent({ action: 'auth.login' })];
    assert.equal(await store.tenant().sessions.open(session, user.password_hash, event), 'opened');
    assert.deepEqual(await store.raw.sessions(ACME), [session]);
    assert(await hasEvent(event.event_id));
    assert.deepEqual(await store.stores.credentials.findSession(session.token_sha256), session);
    assert.equal(await store.stores.credentials.findSession('f'.repeat(64)), null);
  });

  it('opens none when the password, the user or the tenant is no longer good', async () => {
    const attempt = (session = aSession(user), hash = user.password_hash) =>
      store.unchanged(() => store.tenant(session.tenant_id).sessions.open(session, hash, anEvent()));
    assert.equal(await attempt(aSession(user), 'an older hash'), 'refused');
    assert.equal(await attempt(aSession(aUser())), 'refused');
    await store.tenant().users.update(user.user_id, { disabled: true }, anEvent());
    assert.equal(await attempt(), 'refused');
    await store.tenant().users.update(user.user_id, { disabled: false }, anEvent());
    await store.stores.tenants.setDisabled(ACME, true);
    assert.equal(await attempt(), 'refused');
  });

  it('never leaves a session open beside a change that ends all of them', async () => {
    const disable = { disabled: true };
    await store.race<unknown>(8, (stores, i) => {
      const { sessions, users } = stores.forTenant(ACME);
      if (i === 3) return users.update(user.user_id, disable, anEvent());
      return sessions.open(aSession(user), user.password_hash, anEvent());
    });
    const [stored] = await store.raw.users(ACME);
    if (stored?.disabled === true) assert.deepEqual(await tokens(), []);
  }).timeout(60_000);

  it('ends the oldest beyond the limit, and never the one just opened', async () => {
    const all: Session[] = [];
    for (let i = 0; i < MAX_SESSIONS_PER_USER + 2; i += 1) all.push(await open({ created_ms: NOW_MS + i }));
    const newest = all.slice(2).map(({ token_sha256 }) => token_sha256);
    assert.deepEqual(await tokens(), newest.sort());
    const bySlowClock = await open({ created_ms: NOW_MS - HOUR_MS });
    const left = await tokens();
    assert.equal(left.length, MAX_SESSIONS_PER_USER);
    assert(left.includes(bySlowClock.token_sha256));
  });

  it('keeps to the limit when many are opened at the same time', async () => {
    const outcomes = await store.race(16, (stores, i) =>
      stores.forTenant(ACME).sessions.open(aSession(user, { created_ms: NOW_MS + i }), user.password_hash, anEvent()),
    );
    const opened = count(outcomes, 'opened');
    assert.equal(opened, outcomes.length);
    assert.equal((await tokens()).length, Math.min(opened, MAX_SESSIONS_PER_USER));
  }).timeout(60_000);

  it('lists the sessions of a user, newest first', async () => {
    const older = await open({ created_ms: NOW_MS - HOUR_MS });
    const newer = await open();
    assert.deepEqual(await store.tenant().sessions.listForUser(user.user_id), [newer, older]);
    assert.deepEqual(await store.tenant().sessions.listForUser(aUser().user_id), []);
    assert.equal((await tokens()).length, 2);
  });

  it('remembers when a session was seen and from where, and never goes back', async () => {
    const session = await open();
    const { sessions } = store.tenant();
    const fingerprint = { agent: 'c'.repeat(16), network: 'd'.repeat(16) };
    await sessions.touch(session.token_sha256, NOW_MS + MINUTE_MS, fingerprint);
    assert.deepEqual(await store.raw.sessions(ACME), [{ ...session, last_seen_ms: NOW_MS + MINUTE_MS, fingerprint }]);
    await sessions.touch(session.token_sha256, NOW_MS, fingerprint);
    assert.equal((await store.raw.sessions(ACME))[0]?.last_seen_ms, NOW_MS + MINUTE_MS);
  });

  ending(store, () => ({ user, open, hasEvent }));
  passwordChange(store, () => ({ user, open, hasEvent }));
}

interface SignedIn {
  readonly user: User;
  readonly open: (changes?: Partial<Session>) => Promise<Session>;
  readonly hasEvent: (event_id: string) => Promise<boolean>;
}

function ending(store: StoreUnderTest, signedIn: () => SignedIn): void {
  it('closes a session for good', async () => {
    const { open, hasEvent } = signedIn();
    const { token_sha256, fingerprint } = await open();
    const { sessions } = store.tenant();
    const event = anEvent({ action: 'auth.logout' });
    assert.equal(await sessions.close(token_sha256, event), true);
    assert.deepEqual(await store.raw.sessions(ACME), []);
    assert(await hasEvent(event.event_id));
    assert.equal(await store.stores.credentials.findSession(token_sha256), null);
    assert.equal(await store.unchanged(() => sessions.close(token_sha256, anEvent())), false);
    await store.unchanged(() => sessions.touch(token_sha256, NOW_MS + 1, fingerprint));
  });

  it('is not brought back by a touch at the same time', async () => {
    const { open } = signedIn();
    const { token_sha256, fingerprint } = await open();
    await store.race<unknown>(6, (stores, i) => {
      const { sessions } = stores.forTenant(ACME);
      if (i === 2) return sessions.close(token_sha256, anEvent());
      return sessions.touch(token_sha256, NOW_MS + i * MINUTE_MS, fingerprint);
    });
    if (store.harness.differences.refuses_under_contention === undefined) {
      assert.deepEqual(await store.raw.sessions(ACME), []);
    }
  }).timeout(60_000);

  it('tells one of several closings at the same time that it was the one', async () => {
    const { open } = signedIn();
    const { token_sha256 } = await open();
    const outcomes = await store.race(6, (stores) => stores.forTenant(ACME).sessions.close(token_sha256, anEvent()));
    assert.equal(count(outcomes, true), 1);
    assert.deepEqual(await store.raw.sessions(ACME), []);
    assert.equal((await store.raw.auditEvents(ACME)).length, 3);
  }).timeout(60_000);

  it('revokes one session of a user by the id its owner sees', async () => {
    const { open, user, hasEvent } = signedIn();
    const [revoked, kept] = [await open(), await open()];
    const { sessions } = store.tenant();
    const event = anEvent({ action: 'session.revoke' });
    assert.equal(await sessions.revoke(user.user_id, revoked.session_id, event), true);
    assert.deepEqual(await store.raw.sessions(ACME), [kept]);
    assert(await hasEvent(event.event_id));
    assert.equal(await store.stores.credentials.findSession(revoked.token_sha256), null);
    const again = () => sessions.revoke(user.user_id, revoked.session_id, anEvent());
    assert.equal(await store.unchanged(again), false);
  });

  it("revokes no other user's session", async () => {
    const { open } = signedIn();
    const other = aUser({ username: 'bob' });
    await store.tenant().users.create(other, anEvent());
    const { session_id } = await open();
    const revoke = () => store.tenant().sessions.revoke(other.user_id, session_id, anEvent());
    assert.equal(await store.unchanged(revoke), false);
  });
}

function passwordChange(store: StoreUnderTest, signedIn: () => SignedIn): void {
  function change(user: User, current: Session, next: Session, password = aPassword('new')) {
    const { user_id, password_hash: expected_hash } = user;
    return { user_id, expected_hash, password, current_token_sha256: current.token_sha256, next };
  }

  it('changes a password, ends every session and goes on in a new one', async () => {
    const { open, user, hasEvent } = signedIn();
    const current = await open();
    await open();
    const [next, event] = [aSession(user), anEvent({ action: 'auth.password_change' })];
    assert.equal(await store.tenant().sessions.changePassword(change(user, current, next), event), 'changed');
    assert.deepEqual(await store.raw.users(ACME), [{ ...user, ...aPassword('new') }]);
    assert.deepEqual(await store.raw.sessions(ACME), [next]);
    assert(await hasEvent(event.event_id));
  });

  it('changes none when the session or the password has changed meanwhile', async () => {
    const { open, user } = signedIn();
    const current = await open();
    const { sessions } = store.tenant();
    const tries = [
      change(user, aSession(user), aSession(user)),
      change({ ...user, password_hash: 'older' }, current, aSession(user)),
    ];
    for (const attempt of tries) {
      assert.equal(await store.unchanged(() => sessions.changePassword(attempt, anEvent())), 'stale');
    }
  });

  it("changes none through another user's session", async () => {
    const { open } = signedIn();
    const other = aUser({ username: 'bob' });
    await store.tenant().users.create(other, anEvent());
    const attempt = change(other, await open(), aSession(other));
    assert.equal(await store.unchanged(() => store.tenant().sessions.changePassword(attempt, anEvent())), 'stale');
  });

  it('leaves exactly one session alive after twenty changes at the same time', async () => {
    const { open, user } = signedIn();
    const current = await open();
    const outcomes = await store.race(20, async (stores, i) => {
      const next = aSession(user);
      const attempt = change(user, current, next, aPassword(`by ${i}`));
      const outcome = await stores.forTenant(ACME).sessions.changePassword(attempt, anEvent());
      return { outcome, next, attempt };
    });
    const changed = outcomes.filter(({ outcome }) => outcome === 'changed');
    assert.equal(changed.length, 1);
    assert.deepEqual(
      await store.raw.sessions(ACME),
      changed.map(({ next }) => next),
    );
    assert.equal((await store.raw.users(ACME))[0]?.password_hash, changed[0]?.attempt.password.password_hash);
    assert.equal((await store.raw.auditEvents(ACME)).length, 3);
  }).timeout(60_000);
}
