import assert from 'node:assert/strict';
import { MINUTE_MS } from '../../clock.ts';
import type { Session, User } from '../../model/entities.ts';
import { ACME, NOW_MS, aPassword, aSession, aUser, anEvent } from './fixtures.ts';
import { count, type StoreUnderTest } from './store-under-test.ts';

/** What the tests of `sessions` start from. */
export interface SignedIn {
  readonly user: User;
  readonly open: (changes?: Partial<Session>) => Promise<Session>;
  readonly hasEvent: (event_id: string) => Promise<boolean>;
}

export function ending(store: StoreUnderTest, signedIn: () => SignedIn): void {
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

export function passwordChange(store: StoreUnderTest, signedIn: () => SignedIn): void {
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

  it('leaves it to its caller whether a session has expired', async () => {
    const { open, user } = signedIn();
    const next = aSession(user, { created_ms: 0, last_seen_ms: 0 });
    const current = await open({ created_ms: 0, last_seen_ms: 0 });
    const attempt = change(user, current, next);
    assert.equal(await store.tenant().sessions.changePassword(attempt, anEvent()), 'changed');
    assert.deepEqual(await store.raw.sessions(ACME), [next]);
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
