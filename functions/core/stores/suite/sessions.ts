import assert from 'node:assert/strict';
import { HOUR_MS, MINUTE_MS } from '../../clock.ts';
import type { Session, User } from '../../model/entities.ts';
import { MAX_SESSIONS_PER_USER } from '../../model/session-rules.ts';
import { ACME, NOW_MS, aSession, aTenant, aUser, anEvent } from './fixtures.ts';
import { ending, passwordChange } from './session-ending.ts';
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

  it('opens none with a role its user no longer has', async () => {
    const prepared = aSession(user);
    await store.tenant().users.update(user.user_id, { role: 'viewer' }, anEvent());
    const attempt = () => store.tenant().sessions.open(prepared, user.password_hash, anEvent());
    assert.equal(await store.unchanged(attempt), 'refused');
    const now = aSession({ ...user, role: 'viewer' });
    assert.equal(await store.tenant().sessions.open(now, user.password_hash, anEvent()), 'opened');
    assert.deepEqual(await store.raw.sessions(ACME), [now]);
  });

  it('leaves none open with the old role beside a change of role', async () => {
    await store.race<unknown>(8, (stores, i) => {
      const { sessions, users } = stores.forTenant(ACME);
      if (i === 3) return users.update(user.user_id, { role: 'viewer' }, anEvent());
      return sessions.open(aSession(user), user.password_hash, anEvent());
    });
    assert.equal((await store.raw.users(ACME))[0]?.role, 'viewer');
    assert.deepEqual(await tokens(), []);
  }).timeout(60_000);

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

  it('tells in its event which live ones it ended', async () => {
    const idle = await open({ created_ms: NOW_MS - 2 * HOUR_MS, last_seen_ms: NOW_MS - HOUR_MS });
    const oldest = await open({ created_ms: NOW_MS - HOUR_MS });
    for (let i = 2; i < MAX_SESSIONS_PER_USER; i += 1) await open({ created_ms: NOW_MS + i });
    const told = async (detail: string | null) => {
      const event = anEvent({ action: 'auth.login', detail });
      assert.equal(await store.tenant().sessions.open(aSession(user), user.password_hash, event), 'opened');
      const stored = (await store.raw.auditEvents(ACME)).find(({ event_id }) => event_id === event.event_id);
      assert.deepEqual({ ...stored, detail: null }, { ...event, detail: null });
      return stored?.detail;
    };
    assert.equal(await told(null), null, 'the idle one had ended before');
    assert(!(await tokens()).includes(idle.token_sha256));
    assert.equal(await told('renewed'), `renewed; ended the oldest: ${oldest.session_id}`);
  });

  it('tells of every one that ended once when many are opened at the same time', async () => {
    const opened: Session[] = [];
    await store.race(16, async (stores, i) => {
      const session = aSession(user, { created_ms: NOW_MS + i });
      await stores.forTenant(ACME).sessions.open(session, user.password_hash, anEvent({ action: 'auth.login' }));
      opened.push(session);
    });
    const left = new Set(await tokens());
    const ended = opened.filter(({ token_sha256 }) => !left.has(token_sha256)).map(({ session_id }) => session_id);
    const details = (await store.raw.auditEvents(ACME)).flatMap(
      ({ detail }) => detail?.split(': ')[1]?.split(', ') ?? [],
    );
    assert.deepEqual(details.sort(), ended.sort());
  }).timeout(60_000);

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

  it('tells of a move to another network with the touch that stores it, and once', async () => {
    const session = await open();
    const { sessions } = store.tenant();
    const { token_sha256, last_seen_ms } = session;
    const fingerprint = { ...session.fingerprint, network: 'e'.repeat(16) };
    const [stayed, moved, again, gone] = [anEvent(), anEvent(), anEvent(), anEvent()];
    await sessions.touch(token_sha256, last_seen_ms, session.fingerprint, stayed);
    await sessions.touch(token_sha256, last_seen_ms, fingerprint, moved);
    await sessions.touch(token_sha256, last_seen_ms, fingerprint, again);
    await sessions.close(token_sha256, anEvent());
    await sessions.touch(token_sha256, last_seen_ms, session.fingerprint, gone);
    const told = await Promise.all([stayed, moved, again, gone].map(({ event_id }) => hasEvent(event_id)));
    assert.deepEqual(told, [false, true, false, false]);
  });

  ending(store, () => ({ user, open, hasEvent }));
  passwordChange(store, () => ({ user, open, hasEvent }));
}
