import assert from 'node:assert/strict';
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../clock.ts';
import type { Backend } from '../contracts.ts';
import { ACME, NOW_MS, aKey, anEvent, aSession, aTenant, aUser } from '../suite/fixtures.ts';
import { CostProbe, cost, device } from './cost-probe.ts';

describe('What Firestore is asked for to tell who asks', () => {
  const probe = new CostProbe();

  it('sessions are read once in 30 s, and forgotten at once where they end', async () => {
    const user = aUser();
    const session = aSession(user, { created_ms: probe.now_ms, last_seen_ms: probe.now_ms });
    await probe.metered(async ({ tenants, forTenant }) => {
      await tenants.create(aTenant());
      await forTenant(ACME).users.create(user, anEvent());
      await forTenant(ACME).sessions.open(session, user.password_hash, anEvent());
    });
    const other = await probe.harness.second();
    const find = (backend?: Backend) =>
      probe.metered(({ credentials }) => credentials.findSession(session.token_sha256), backend);
    assert.deepEqual([(await find()).cost.reads, (await find()).cost.reads], [1, 0]);
    assert.deepEqual((await find(other)).result, session);
    probe.now_ms += 30 * SECOND_MS;
    assert.equal((await find()).cost.reads, 1);
    await probe.metered(({ forTenant }) => forTenant(ACME).users.update(user.user_id, { role: 'viewer' }, anEvent()));
    assert.equal((await find()).result, null);
    assert.equal((await find(other)).result, null);
  });

  it('devices, keys and tenants are read once in five minutes', async () => {
    const key = aKey();
    await probe.metered(async ({ tenants, forTenant }) => {
      await tenants.create(aTenant());
      await forTenant(ACME).devices.create(device, key, anEvent());
    });
    const check = () =>
      probe.metered(async ({ credentials, tenants, forTenant }) => [
        await credentials.findKey(key.key_id),
        await tenants.get(ACME),
        await forTenant(ACME).devices.get(device.device_id),
      ]);
    assert.deepEqual([(await check()).cost.reads, (await check()).cost.reads], [3, 0]);
    assert.equal((await check()).meter.touched, true);
    probe.now_ms += 5 * MINUTE_MS;
    assert.equal((await check()).cost.reads, 3);
    await probe.metered(({ forTenant }) => forTenant(ACME).devices.revokeKey(device.device_id, key.key_id, anEvent()));
    await probe.metered(({ tenants }) => tenants.setDisabled(ACME, true));
    const [found, tenant, changed] = (await check()).result;
    assert.deepEqual(found, { ...key, revoked_ms: NOW_MS });
    assert.deepEqual([tenant, changed], [aTenant(ACME, { disabled: true }), { ...device, keys: [] }]);
  });

  it('a device costs one read, keys included, and a sweep that finds nothing three', async () => {
    assert.equal((await probe.metered(({ forTenant }) => forTenant(ACME).devices.get('none'))).cost.reads, 1);
    assert.deepEqual((await probe.metered(({ sweeps }) => sweeps.sessions(probe.now_ms + DAY_MS))).cost, cost(3, 0));
  });
});
