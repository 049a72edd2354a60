import assert from 'node:assert/strict';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../clock.ts';
import type { Device, DeviceKey } from '../../model/entities.ts';
import { ACME, GLOBEX, NOW_MS, aDevice, aKey, anEvent } from './fixtures.ts';
import { count, type StoreUnderTest } from './store-under-test.ts';

/** The device as it is stored, without its keys. */
function withoutKeys({ keys, ...device }: Device): Omit<Device, 'keys'> {
  assert(Array.isArray(keys));
  return device;
}

export function devices(store: StoreUnderTest): void {
  const eventIds = async (tenant_id = ACME) => (await store.raw.auditEvents(tenant_id)).map(({ event_id }) => event_id);

  async function register(device = aDevice(), key = aKey(device)): Promise<DeviceKey> {
    const { devices } = store.tenant(device.tenant_id);
    assert.equal(await devices.create(device, key, anEvent({ tenant_id: device.tenant_id })), 'created');
    return key;
  }

  it('registers a device with its first key', async () => {
    const device = aDevice({ expected_interval_ms: 30_000 });
    const [key, event] = [aKey(), anEvent({ action: 'device.create' })];
    assert.equal(await store.tenant().devices.create(device, key, event), 'created');
    assert.deepEqual(await store.raw.device(ACME, device.device_id), withoutKeys(device));
    assert.deepEqual(await store.raw.keys(ACME, device.device_id), [{ ...key, last_used_ms: null }]);
    assert.deepEqual(await store.raw.auditEvents(ACME), [event]);
    const keys = [{ key_id: key.key_id, created_ms: key.created_ms, last_used_ms: null }];
    assert.deepEqual(await store.tenant().devices.get(device.device_id), { ...device, keys });
    assert.deepEqual(await store.stores.credentials.findKey(key.key_id), key);
  });

  it('registers a name once', async () => {
    await register();
    const again = () => store.tenant().devices.create(aDevice({ name: 'Other' }), aKey(), anEvent());
    assert.equal(await store.unchanged(again), 'exists');
  });

  it('lets one of two registrations at the same time win', async () => {
    const outcomes = await store.race(6, (stores, i) =>
      stores.forTenant(ACME).devices.create(aDevice({ name: `${i}` }), aKey(), anEvent()),
    );
    assert.equal(count(outcomes, 'created'), 1);
    assert.equal((await store.raw.keys(ACME, 'boiler-1')).length, 1);
    assert.equal((await eventIds()).length, 1);
  });

  it('finds nothing under a name that nobody registered', async () => {
    assert.equal(await store.tenant().devices.get('boiler-9'), null);
    assert.equal(await store.stores.credentials.findKey('0'.repeat(32)), null);
    assert.equal(await store.raw.device(ACME, 'boiler-9'), null);
  });

  it('lists devices by name, page by page, of one tenant', async () => {
    const names = ['Z', 'a:1', 'a.2', 'b', 'a-3', '9'];
    for (const device_id of names) await register(aDevice({ device_id }));
    await register(aDevice({ tenant_id: GLOBEX, device_id: 'a:2' }));
    const { devices } = store.tenant();
    const ids: string[] = [];
    for (let after: string | undefined; ; after = ids.at(-1)) {
      const page = await devices.list({ after, limit: 4 });
      assert(page.every(({ tenant_id, keys }) => tenant_id === ACME && keys.length === 1));
      ids.push(...page.map(({ device_id }) => device_id));
      if (page.length < 4) break;
    }
    assert.deepEqual(ids, [...names].sort());
  });

  it('updates what the patch names and leaves the rest', async () => {
    const device = aDevice({ last_seen_ms: NOW_MS - DAY_MS });
    await register(device);
    const event = anEvent();
    const patched = await store.tenant().devices.update('boiler-1', { name: 'New', disabled: true }, NOW_MS, event);
    const expected = { ...withoutKeys(device), name: 'New', disabled: true };
    assert.deepEqual(await store.raw.device(ACME, 'boiler-1'), expected);
    assert(patched !== null && patched.keys.length === 1);
    assert.deepEqual(withoutKeys(patched), expected);
    assert((await eventIds()).includes(event.event_id));
  });

  it('files by a newly declared interval from the next common boundary on', async () => {
    await register(aDevice());
    const patch = { expected_interval_ms: 5_000, tags: {} };
    const now_ms = Date.UTC(2026, 2, 17, 9, 24, 30);
    const patched = await store.tenant().devices.update('boiler-1', patch, now_ms, anEvent());
    const widths = [
      { from_ms: 0, width_ms: 6 * HOUR_MS },
      { from_ms: Date.UTC(2026, 2, 17, 12), width_ms: 10 * MINUTE_MS },
    ];
    assert.deepEqual(patched?.widths, widths);
    const raw = await store.raw.device(ACME, 'boiler-1');
    assert.deepEqual([raw?.widths, raw?.expected_interval_ms, raw?.tags], [widths, 5_000, {}]);
    const undeclared = await store
      .tenant()
      .devices.update('boiler-1', { expected_interval_ms: null }, now_ms, anEvent());
    assert.deepEqual([undeclared?.widths, undeclared?.expected_interval_ms], [[widths[0]], null]);
    assert.deepEqual((await store.raw.device(ACME, 'boiler-1'))?.widths, [widths[0]]);
  });

  it('keeps both of two updates at the same time', async () => {
    await register();
    await store.race(2, (stores, i) =>
      stores
        .forTenant(ACME)
        .devices.update('boiler-1', i === 0 ? { name: 'New' } : { disabled: true }, NOW_MS, anEvent()),
    );
    const raw = await store.raw.device(ACME, 'boiler-1');
    assert.deepEqual([raw?.name, raw?.disabled], ['New', true]);
  });

  it('updates no device that does not exist', async () => {
    const { devices } = store.tenant();
    assert.equal(await store.unchanged(() => devices.update('boiler-9', { name: 'X' }, NOW_MS, anEvent())), null);
  });

  keys(store, register);
}

function keys(store: StoreUnderTest, register: (device?: Device, key?: DeviceKey) => Promise<DeviceKey>): void {
  const liveKeys = async () => (await store.raw.keys(ACME, 'boiler-1')).map(({ key_id }) => key_id);

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

  it('revokes a key at once and for good', async () => {
    const { key_id } = await register();
    const { devices } = store.tenant();
    assert.equal(await devices.revokeKey('boiler-1', key_id, anEvent({ action: 'key.revoke' })), 'revoked');
    assert.deepEqual(await liveKeys(), []);
    assert.equal(await store.stores.credentials.findKey(key_id), null);
    assert.equal(await store.unchanged(() => devices.revokeKey('boiler-1', key_id, anEvent())), 'not_found');
    await store.unchanged(() => devices.touch('boiler-1', key_id, NOW_MS));
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
