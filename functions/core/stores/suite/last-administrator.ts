import assert from 'node:assert/strict';
import type { User, UserPatch } from '../../model/entities.ts';
import { ACME, GLOBEX, aPassword, aUser, anEvent } from './fixtures.ts';
import type { StoreUnderTest } from './store-under-test.ts';

const LAST = { kind: 'last_admin' };

/** A tenant never loses the last user who could undo a change. */
export function lastAdministrator(store: StoreUnderTest, create: (user: User) => Promise<User>): void {
  const admin = (username: string, changes: Partial<User> = {}) =>
    create(aUser({ username, role: 'admin', ...changes }));
  const update = ({ user_id }: User, patch: UserPatch) => store.tenant().users.update(user_id, patch, anEvent());
  const enabledAdmins = async () =>
    (await store.raw.users(ACME)).filter(({ role, disabled }) => role === 'admin' && !disabled);

  it('keeps the last administrator, whoever else there is', async () => {
    const last = await admin('ada');
    await admin('disabled', { disabled: true });
    await admin('elsewhere', { tenant_id: GLOBEX });
    await create(aUser({ username: 'operator' }));
    for (const patch of [{ role: 'operator' }, { disabled: true }] as const) {
      assert.deepEqual(await store.unchanged(() => update(last, patch)), LAST);
    }
    const changed = { ...last, ...aPassword('reset') };
    assert.deepEqual(await update(last, { password: aPassword('reset') }), { kind: 'updated', user: changed });
    assert.deepEqual(await enabledAdmins(), [changed]);
  });

  it('lets an administrator go while another stays', async () => {
    const [one, two] = [await admin('ada'), await admin('bob')];
    assert.equal((await update(one, { role: 'viewer' })).kind, 'updated');
    assert.deepEqual(await store.unchanged(() => update(two, { disabled: true })), LAST);
    assert.deepEqual(await enabledAdmins(), [two]);
  });

  it('keeps the last platform administrator, for whom no other administrator can stand in', async () => {
    const platform = await admin('root', { role: 'platform_admin' });
    const other = await admin('ada');
    assert.deepEqual(await store.unchanged(() => update(platform, { role: 'admin' })), LAST);
    assert.equal((await update(other, { role: 'viewer' })).kind, 'updated');
    const left = (await store.raw.users(ACME)).filter(({ role }) => role !== 'viewer');
    assert.deepEqual(left, [platform]);
  });

  it('leaves one of two administrators who remove each other at the same time', async () => {
    for (let round = 0; round < 3; round += 1) {
      await store.harness.reset();
      const both = [await admin('ada'), await admin('bob')];
      const patches = [{ role: 'viewer' }, { disabled: true }] as const;
      const outcomes = await store.race(2, (stores, i) => {
        const user_id = both[1 - i]?.user_id ?? '';
        return stores.forTenant(ACME).users.update(user_id, patches[i] ?? {}, anEvent());
      });
      assert.deepEqual(outcomes.map(({ kind }) => kind).sort(), ['last_admin', 'updated']);
      assert.equal((await enabledAdmins()).length, 1);
      assert.equal((await store.raw.auditEvents(ACME)).length, 3);
    }
  }).timeout(60_000);

  it('leaves one of many administrators who all step down at the same time', async () => {
    const all: User[] = [];
    for (let i = 0; i < 6; i += 1) all.push(await admin(`admin-${i}`));
    await store.race(6, (stores, i) =>
      stores.forTenant(ACME).users.update(all[i]?.user_id ?? '', { role: 'operator' }, anEvent()),
    );
    assert.equal((await enabledAdmins()).length, 1);
  }).timeout(60_000);
}
