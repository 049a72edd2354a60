import assert from 'node:assert/strict';
import { ACME, GLOBEX, aSession, aTenant, aUser, anEvent } from './fixtures.ts';
import { count, type StoreUnderTest } from './store-under-test.ts';

export function tenants(store: StoreUnderTest): void {
  async function signIn(tenant_id: string, username: string): Promise<void> {
    const user = aUser({ tenant_id, username });
    const { users, sessions } = store.tenant(tenant_id);
    await users.create(user, anEvent({ tenant_id }));
    assert.equal(await sessions.open(aSession(user), user.password_hash, anEvent({ tenant_id })), 'opened');
  }

  it('creates a tenant once', async () => {
    const { tenants } = store.stores;
    assert.equal(await tenants.create(aTenant()), 'created');
    assert.deepEqual(await store.raw.tenant(ACME), aTenant());
    assert.deepEqual(await tenants.get(ACME), aTenant());
    assert.equal(await store.unchanged(() => tenants.create(aTenant(ACME, { name: 'Other' }))), 'exists');
    assert.equal(await tenants.get(GLOBEX), null);
  });

  it('lets one of several creations at the same time win', async () => {
    const outcomes = await store.race(6, (stores, i) => stores.tenants.create(aTenant(ACME, { name: `${i}` })));
    assert.equal(count(outcomes, 'created'), 1);
    assert.notEqual(await store.raw.tenant(ACME), null);
  });

  it('lists tenants by id, page by page', async () => {
    const { tenants } = store.stores;
    for (const id of ['b', 'a', 'Z', 'a.1', 'c']) await tenants.create(aTenant(id));
    const first = await tenants.list({ limit: 3 });
    const second = await tenants.list({ after: first.at(-1)?.tenant_id, limit: 3 });
    assert.deepEqual(
      [...first, ...second],
      ['Z', 'a', 'a.1', 'b', 'c'].map((id) => aTenant(id)),
    );
    assert.deepEqual(await store.raw.tenant('c'), second.at(-1));
  });

  it('ends every session of a tenant that is disabled, and of no other', async () => {
    const { tenants } = store.stores;
    for (const tenant_id of [ACME, GLOBEX]) {
      await tenants.create(aTenant(tenant_id));
      await signIn(tenant_id, 'ada');
      await signIn(tenant_id, 'bob');
    }
    assert.deepEqual(await tenants.setDisabled(ACME, true), aTenant(ACME, { disabled: true }));
    assert.deepEqual(await store.raw.tenant(ACME), aTenant(ACME, { disabled: true }));
    assert.deepEqual(await store.raw.sessions(ACME), []);
    assert.equal((await store.raw.sessions(GLOBEX)).length, 2);
    assert.deepEqual(await tenants.setDisabled(ACME, false), aTenant());
    assert.deepEqual(await store.raw.tenant(ACME), aTenant());
  });

  it('leaves no session open that was opened while its tenant was disabled', async () => {
    await store.stores.tenants.create(aTenant());
    const user = aUser();
    await store.tenant().users.create(user, anEvent());
    await store.race<unknown>(6, (stores, i) => {
      if (i === 2) return stores.tenants.setDisabled(ACME, true);
      return stores.forTenant(ACME).sessions.open(aSession(user), user.password_hash, anEvent());
    });
    const tenant = await store.raw.tenant(ACME);
    if (tenant?.disabled === true) assert.deepEqual(await store.raw.sessions(ACME), []);
  }).timeout(60_000);

  it('disables no tenant that does not exist', async () => {
    assert.equal(await store.unchanged(() => store.stores.tenants.setDisabled(ACME, true)), null);
  });
}
