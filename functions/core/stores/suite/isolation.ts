import assert from 'node:assert/strict';
import type { Device, DeviceKey, Session, User } from '../../model/entities.ts';
import { ACME, GLOBEX, NOW_MS, aDevice, aKey, aPassword, aSession, aTenant, aUser, anEvent } from './fixtures.ts';
import type { StoreUnderTest } from './store-under-test.ts';

interface Resident {
  readonly device: Device;
  readonly key: DeviceKey;
  readonly user: User;
  readonly session: Session;
}

/** Two tenants whose device and user have the same names; then one of them reaches for what is the other's. */
export function isolation(store: StoreUnderTest): void {
  let ours: Resident;
  let theirs: Resident;

  beforeEach(async () => {
    ours = await moveIn(store, ACME);
    theirs = await moveIn(store, GLOBEX);
  });

  const mine = () => store.tenant(ACME);

  it('sees its own of two that share a name', async () => {
    const { devices, users, sessions } = mine();
    assert.equal((await devices.get('boiler-1'))?.name, `Boiler of ${ACME}`);
    assert.deepEqual(await users.findByUsername('ada'), ours.user);
    assert.deepEqual(await sessions.listForUser(ours.user.user_id), [ours.session]);
    const rawTheirs = (await store.raw.users(GLOBEX)).find(({ username }) => username === 'ada');
    assert.deepEqual(rawTheirs, theirs.user);
  });

  it("finds nothing by another tenant's ids, and changes nothing", async () => {
    const { devices, users, sessions } = mine();
    const foreign = theirs.user.user_id;
    const { token_sha256, session_id } = theirs.session;
    const answers = await store.unchanged(async () => [
      await devices.get('pump-of-globex'),
      await devices.update('pump-of-globex', { name: 'X' }, NOW_MS, anEvent()),
      await devices.issueKey(aKey({ device_id: 'pump-of-globex' }), anEvent()),
      await devices.revokeKey('boiler-1', theirs.key.key_id, anEvent()),
      await users.get(foreign),
      await users.findByUsername('only-in-globex'),
      await users.update(foreign, { role: 'admin' }, anEvent()),
      await users.rehash(foreign, theirs.user.password_hash, aPassword('x')),
      await sessions.open(aSession({ ...theirs.user, tenant_id: ACME }), theirs.user.password_hash, anEvent()),
      await sessions.close(token_sha256, anEvent()),
      await sessions.listForUser(foreign),
      await sessions.revoke(foreign, session_id, anEvent()),
      await sessions.revoke(ours.user.user_id, session_id, anEvent()),
    ]);
    const nothing = [null, null, 'no_device', 'not_found', null, null, { kind: 'absent' }, false, 'refused'];
    assert.deepEqual(answers, [...nothing, false, [], false, false]);
  });

  it("touches nothing by another tenant's ids", async () => {
    const { token_sha256, fingerprint } = theirs.session;
    await store.unchanged(async () => {
      await mine().devices.touch('boiler-1', theirs.key.key_id, NOW_MS);
      await mine().sessions.touch(token_sha256, NOW_MS + 1, fingerprint);
    });
  });

  it("changes no password through another tenant's session", async () => {
    const next = aSession(ours.user);
    const { user_id, password_hash: expected_hash } = ours.user;
    const change = { user_id, expected_hash, password: aPassword('x'), next };
    const current_token_sha256 = theirs.session.token_sha256;
    const attempt = () => mine().sessions.changePassword({ ...change, current_token_sha256 }, anEvent());
    assert.equal(await store.unchanged(attempt), 'stale');
  });

  it('lists its own alone', async () => {
    const { devices, users, audit } = mine();
    const tenants = [
      ...(await devices.list({ limit: 100 })),
      ...(await users.list({ limit: 100 })),
      ...(await audit.query({ start_ms: 0, end_ms: NOW_MS + 1 }, { limit: 100 })),
    ].map(({ tenant_id }) => tenant_id);
    assert.deepEqual([...new Set(tenants)], [ACME]);
    assert.equal(tenants.length, 2 + 2 + 5);
    assert.equal((await store.raw.auditEvents(GLOBEX)).length, 5);
    assert.deepEqual(await devices.list({ after: 'pump-of-acme', limit: 100 }), []);
  });

  it("is stopped when it is handed another tenant's row", async () => {
    const { devices, users, sessions } = mine();
    const [device, event] = [aDevice({ device_id: 'new' }), anEvent({ tenant_id: GLOBEX })];
    const { user_id, password_hash: expected_hash } = ours.user;
    const current_token_sha256 = ours.session.token_sha256;
    const change = { user_id, expected_hash, password: aPassword('x'), current_token_sha256 };
    const attempts = [
      () => devices.create({ ...device, tenant_id: GLOBEX }, aKey(device), anEvent()),
      () => devices.create(device, aKey({ ...device, tenant_id: GLOBEX }), anEvent()),
      () => devices.create(device, aKey(device), event),
      () => devices.update('boiler-1', { name: 'X' }, NOW_MS, event),
      () => devices.issueKey(aKey({ tenant_id: GLOBEX }), anEvent()),
      () => devices.issueKey(aKey(), event),
      () => devices.revokeKey('boiler-1', ours.key.key_id, event),
      () => users.create(aUser({ tenant_id: GLOBEX, username: 'new' }), anEvent()),
      () => users.create(aUser({ username: 'new' }), event),
      () => users.update(user_id, { role: 'admin' }, event),
      () => sessions.open(aSession(theirs.user), expected_hash, anEvent()),
      () => sessions.open(aSession(ours.user), expected_hash, event),
      () => sessions.close(current_token_sha256, event),
      () => sessions.revoke(user_id, ours.session.session_id, event),
      () => sessions.changePassword({ ...change, next: aSession(theirs.user) }, anEvent()),
      () => sessions.changePassword({ ...change, next: aSession(ours.user) }, event),
    ];
    for (const attempt of attempts) await store.stopped(attempt);
  });
}

async function moveIn(store: StoreUnderTest, tenant_id: string): Promise<Resident> {
  const event = () => anEvent({ tenant_id });
  const { devices, users, sessions } = store.tenant(tenant_id);
  await store.stores.tenants.create(aTenant(tenant_id));
  const device = aDevice({ tenant_id, name: `Boiler of ${tenant_id}` });
  const key = aKey(device);
  await devices.create(device, key, event());
  const pump = aDevice({ tenant_id, device_id: `pump-of-${tenant_id}` });
  await devices.create(pump, aKey(pump), event());
  const user = aUser({ tenant_id });
  await users.create(user, event());
  await users.create(aUser({ tenant_id, username: `only-in-${tenant_id}` }), event());
  const session = aSession(user);
  assert.equal(await sessions.open(session, user.password_hash, event()), 'opened');
  return { device, key, user, session };
}
