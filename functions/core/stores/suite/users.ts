import assert from 'node:assert/strict';
import type { User } from '../../model/entities.ts';
import { lastAdministrator } from './last-administrator.ts';
import { ACME, GLOBEX, aPassword, aSession, aTenant, aUser, anEvent } from './fixtures.ts';
import { count, type StoreUnderTest } from './store-under-test.ts';

export function users(store: StoreUnderTest): void {
  async function create(user = aUser()): Promise<User> {
    const { users } = store.tenant(user.tenant_id);
    assert.equal(await users.create(user, anEvent({ tenant_id: user.tenant_id })), 'created');
    return user;
  }

  async function signIn(user: User): Promise<void> {
    await store.stores.tenants.create(aTenant(user.tenant_id));
    const { sessions } = store.tenant(user.tenant_id);
    const event = anEvent({ tenant_id: user.tenant_id });
    assert.equal(await sessions.open(aSession(user), user.password_hash, event), 'opened');
  }

  it('creates a user who is found by id and by name', async () => {
    const [user, event] = [aUser(), anEvent({ action: 'user.create' })];
    assert.equal(await store.tenant().users.create(user, event), 'created');
    assert.deepEqual(await store.raw.users(ACME), [user]);
    assert.deepEqual(await store.raw.auditEvents(ACME), [event]);
    assert.deepEqual(await store.tenant().users.get(user.user_id), user);
    assert.deepEqual(await store.tenant().users.findByUsername('ada'), user);
    assert.equal(await store.tenant().users.findByUsername('bob'), null);
    assert.equal(await store.tenant().users.get(aUser().user_id), null);
  });

  it('gives a username once in a tenant, and again in another', async () => {
    await create();
    assert.equal(await store.unchanged(() => store.tenant().users.create(aUser(), anEvent())), 'exists');
    const theirs = await create(aUser({ tenant_id: GLOBEX }));
    assert.deepEqual(await store.raw.users(GLOBEX), [theirs]);
    assert.deepEqual(await store.tenant(GLOBEX).users.findByUsername('ada'), theirs);
  });

  it('gives a username to one of several who ask at the same time', async () => {
    const outcomes = await store.race(6, (stores) => stores.forTenant(ACME).users.create(aUser(), anEvent()));
    assert.equal(count(outcomes, 'created'), 1);
    assert.equal((await store.raw.users(ACME)).length, 1);
    assert.equal((await store.raw.auditEvents(ACME)).length, 1);
  }).timeout(60_000);

  it('lists users by id, page by page, of one tenant', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) ids.push((await create(aUser({ username: `user-${i}` }))).user_id);
    await create(aUser({ tenant_id: GLOBEX }));
    const listed: string[] = [];
    for (let after: string | undefined; ; after = listed.at(-1)) {
      const page = await store.tenant().users.list({ after, limit: 2 });
      listed.push(...page.map(({ user_id }) => user_id));
      if (page.length < 2) break;
    }
    assert.deepEqual(listed, [...ids].sort());
  });

  it('updates what the patch names and ends every session of the user', async () => {
    const user = await create();
    const other = await create(aUser({ username: 'bob' }));
    await signIn(user);
    await signIn(user);
    await signIn(other);
    const event = anEvent({ action: 'user.update' });
    const patched = await store.tenant().users.update(user.user_id, { role: 'admin' }, event);
    const expected = { ...user, role: 'admin' };
    assert.deepEqual(patched, { kind: 'updated', user: expected });
    const raw = await store.raw.users(ACME);
    assert.deepEqual(
      raw.find(({ user_id }) => user_id === user.user_id),
      expected,
    );
    const left = (await store.raw.sessions(ACME)).map(({ user_id }) => user_id);
    assert.deepEqual(left, [other.user_id]);
    assert((await store.raw.auditEvents(ACME)).some(({ event_id }) => event_id === event.event_id));
  });

  it('disables a user and resets a password', async () => {
    const user = await create();
    const password = aPassword('reset');
    await store.tenant().users.update(user.user_id, { disabled: true, password }, anEvent());
    assert.deepEqual(await store.raw.users(ACME), [{ ...user, disabled: true, ...password }]);
  });

  it('keeps both of two updates at the same time', async () => {
    const user = await create();
    const patches = [{ role: 'viewer' }, { disabled: true }] as const;
    await store.race(2, (stores, i) => stores.forTenant(ACME).users.update(user.user_id, patches[i] ?? {}, anEvent()));
    assert.deepEqual(await store.raw.users(ACME), [{ ...user, role: 'viewer', disabled: true }]);
  });

  it('updates no user who does not exist', async () => {
    const update = () => store.tenant().users.update(aUser().user_id, { role: 'admin' }, anEvent());
    assert.deepEqual(await store.unchanged(update), { kind: 'absent' });
  });

  lastAdministrator(store, create);

  it('swaps a hash for a stronger one without ending sessions', async () => {
    const user = await create();
    await signIn(user);
    const { users } = store.tenant();
    assert.equal(await users.rehash(user.user_id, user.password_hash, aPassword('stronger')), true);
    assert.deepEqual(await store.raw.users(ACME), [{ ...user, ...aPassword('stronger') }]);
    assert.equal((await store.raw.sessions(ACME)).length, 1);
    const again = () => users.rehash(user.user_id, user.password_hash, aPassword('other'));
    assert.equal(await store.unchanged(again), false);
  });

  it('lets one of several rehashes at the same time win', async () => {
    const user = await create();
    const outcomes = await store.race(6, async (stores, i) => {
      const password = aPassword(`by ${i}`);
      const won = await stores.forTenant(ACME).users.rehash(user.user_id, user.password_hash, password);
      return won ? password.password_hash : 'lost';
    });
    const won = outcomes.filter((outcome) => outcome !== 'lost');
    assert.equal(won.length, 1);
    assert.equal((await store.raw.users(ACME))[0]?.password_hash, won[0]);
  }).timeout(60_000);
}
