import assert from 'node:assert/strict';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../clock.ts';
import type { Device, DeviceKey } from '../../model/entities.ts';
import { deviceKeys } from './device-keys.ts';
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

  deviceKeys(store, register);
}
