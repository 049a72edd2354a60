import assert from 'node:assert/strict';
import { HOUR_MS } from '../../clock.ts';
import type { Device, DeviceKey } from '../../model/entities.ts';
import { ACME, NOW_MS, aDevice, aKey, anEvent } from './fixtures.ts';
import { count, type StoreUnderTest } from './store-under-test.ts';

type Register = (device?: Device, key?: DeviceKey) => Promise<DeviceKey>;

/** What becomes of a device's keys. */
export function deviceKeys(store: StoreUnderTest, register: Register): void {
  const liveKeys = async () =>
    (await store.raw.keys(ACME, 'boiler-1')).flatMap(({ key_id, revoked_ms }) => (revoked_ms === null ? key_id : []));

  it('issues a second key and refuses a third', async () => {
    const first = await register();
    const second = aKey({ created_ms: NOW_MS + 1 });
    const { devices } = store.tenant();
    assert.equal(await devices.issueKey(second, anEvent()), 'issued');
    assert.equal(await store.unchanged(() => devices.issueKey(aKey(), anEvent())), 'too_many_keys');
    assert.deepEqual(await liveKeys(), [first.key_id, second.key_id].sort());
    assert.equal((await store.raw.auditEvents(ACME)).length, 2);
    const shown = (await devices.get('boiler-1'))?.keys.map(({ key_id }) => key_id);
    assert.deepEqual(shown, [first.key_id, second.key_id]);
  });

  it('issues one key of ten that are asked for at the same time', async () => {
    await register();
    const outcomes = await store.race(10, (stores) => stores.forTenant(ACME).devices.issueKey(aKey(), anEvent()));
    assert.equal(count(outcomes, 'issued'), 1);
    assert.equal((await liveKeys()).length, 2);
    assert.equal((await store.raw.auditEvents(ACME)).length, 2);
  }).timeout(60_000);

  it('issues no key for a device that does not exist', async () => {
    const issue = () => store.tenant().devices.issueKey(aKey(), anEvent());
    assert.equal(await store.unchanged(issue), 'no_device');
  });

  it('revokes a key at once and for good, and keeps it, marked', async () => {
    const key = await register(aDevice(), aKey());
    const { key_id } = key;
    const { credentials } = store.stores;
    const { devices } = store.tenant();
    assert.deepEqual(await credentials.findKey(key_id), key);
    const event = anEvent({ action: 'key.revoke', timestamp_ms: NOW_MS + HOUR_MS });
    assert.equal(await devices.revokeKey('boiler-1', key_id, event), 'revoked');
    const revoked = { ...key, revoked_ms: NOW_MS + HOUR_MS };
    assert.deepEqual(await store.raw.keys(ACME, 'boiler-1'), [{ ...revoked, last_used_ms: null }]);
    assert((await store.raw.auditEvents(ACME)).some(({ event_id }) => event_id === event.event_id));
    assert.deepEqual(await credentials.findKey(key_id), revoked);
    assert.deepEqual((await devices.get('boiler-1'))?.keys, []);
    assert.deepEqual((await devices.list({ limit: 10 }))[0]?.keys, []);
    assert.equal(await store.unchanged(() => devices.revokeKey('boiler-1', key_id, anEvent())), 'not_found');
    await store.unchanged(() => devices.touch('boiler-1', key_id, NOW_MS));
  });

  it('does not count revoked keys', async () => {
    for (let i = 0; i < 3; i += 1) {
      const { key_id } = i === 0 ? await register() : aKey();
      if (i > 0) assert.equal(await store.tenant().devices.issueKey(aKey({ key_id }), anEvent()), 'issued');
      assert.equal(await store.tenant().devices.revokeKey('boiler-1', key_id, anEvent()), 'revoked');
    }
    assert.deepEqual([(await store.raw.keys(ACME, 'boiler-1')).length, await liveKeys()], [3, []]);
  });

  it('revokes a key only through its own device', async () => {
    const { key_id } = await register();
    await register(aDevice({ device_id: 'boiler-2' }));
    const { devices } = store.tenant();
    assert.equal(await store.unchanged(() => devices.revokeKey('boiler-2', key_id, anEvent())), 'not_found');
  });

  it('tells one of several revocations at the same time that it was the one', async () => {
    const { key_id } = await register();
    const outcomes = await store.race(6, (stores) =>
      stores.forTenant(ACME).devices.revokeKey('boiler-1', key_id, anEvent()),
    );
    assert.equal(count(outcomes, 'revoked'), 1);
    assert.deepEqual(await liveKeys(), []);
    assert.equal((await store.raw.auditEvents(ACME)).length, 2);
  }).timeout(60_000);

  it('remembers when a key was used and its device seen, and never goes back', async () => {
    const { key_id } = await register();
    const { devices } = store.tenant();
    await devices.touch('boiler-1', key_id, NOW_MS);
    await devices.touch('boiler-1', key_id, NOW_MS - HOUR_MS);
    assert.equal((await store.raw.device(ACME, 'boiler-1'))?.last_seen_ms, NOW_MS);
    assert.equal((await store.raw.keys(ACME, 'boiler-1'))[0]?.last_used_ms, NOW_MS);
    const device = await devices.get('boiler-1');
    assert.deepEqual([device?.last_seen_ms, device?.keys[0]?.last_used_ms], [NOW_MS, NOW_MS]);
  });
}
