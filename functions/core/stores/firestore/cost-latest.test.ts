import assert from 'node:assert/strict';
import { MINUTE_MS, SECOND_MS } from '../../clock.ts';
import type { Visit } from '../../http/exchange.ts';
import { allDevices, latestOf } from '../../telemetry/latest.ts';
import { Scans } from '../../telemetry/scans.ts';
import type { Backend, TenantStores } from '../contracts.ts';
import { ACME, GLOBEX, aDevice, aKey, anEvent, incoming } from '../suite/fixtures.ts';
import { CostProbe, cost, START_MS } from './cost-probe.ts';

const NAMES = ['boiler-1', 'boiler-2', 'boiler-3'];

const register = (own: TenantStores, device_id: string) => {
  const device = aDevice({ tenant_id: own.tenant_id, device_id });
  return own.devices.create(device, aKey(device), anEvent({ tenant_id: own.tenant_id }));
};

async function fill(own: TenantStores): Promise<void> {
  for (const device_id of NAMES) {
    await register(own, device_id);
    const device = aDevice({ device_id });
    await own.telemetry.write({ device, points: incoming([START_MS, { t: 1 }]), overwrite: false, now_ms: START_MS });
  }
}

describe('What Firestore is asked for the latest of all devices', () => {
  const probe = new CostProbe();
  const ofAcme = <T>(work: (own: TenantStores) => Promise<T>, backend?: Backend) =>
    probe.metered(({ forTenant }) => work(forTenant(ACME)), backend);
  const scans = new Scans();
  const scan: Visit['scan'] = (size, work) => scans.run('u', size, work);
  const latest = () => ofAcme(async (own) => latestOf(own, await allDevices(own), 0, { now_ms: probe.now_ms, scan }));
  const list = (tenant_id = ACME, limit = 10) =>
    probe.metered(({ forTenant }) => forTenant(tenant_id).devices.list({ limit }));

  beforeEach(async () => {
    await ofAcme(fill);
    await probe.useOther();
    probe.now_ms += SECOND_MS;
  });

  it('a device and a bucket each, nothing while that is fresh, and the same again afterwards', async () => {
    const first = await latest();
    assert.deepEqual(first.cost, cost(2 * NAMES.length, 0));
    probe.now_ms += 9 * SECOND_MS;
    const fresh = await latest();
    assert.deepEqual([fresh.cost, fresh.result.validator], [cost(0, 0), first.result.validator]);
    assert.equal(fresh.meter.touched, true);
    probe.now_ms += SECOND_MS;
    assert.deepEqual((await latest()).cost, cost(2 * NAMES.length, 0));
  });

  it('the list again as soon as this instance has changed one of its devices, and no other tenant', async () => {
    const [device_id, key, audit] = ['boiler-1', aKey(), anEvent()];
    const changes: ((own: TenantStores) => Promise<unknown>)[] = [
      (own) => register(own, 'boiler-4'),
      ({ devices }) => devices.update(device_id, { name: 'New' }, probe.now_ms, anEvent()),
      ({ devices }) => devices.issueKey(key, audit),
      ({ devices }) => devices.touch(device_id, key.key_id, probe.now_ms),
      ({ devices }) => devices.revokeKey(device_id, key.key_id, anEvent()),
    ];
    await list(GLOBEX);
    for (const change of changes) {
      await list();
      assert.equal((await list()).cost.reads, 0);
      await ofAcme(change);
      const { result, cost: spent } = await list();
      assert.equal(spent.reads, result.length);
      assert.deepEqual(result, (await ofAcme(({ devices }) => devices.list({ limit: 11 }))).result);
    }
    assert.deepEqual((await list(GLOBEX)).cost, cost(0, 0));
  });

  it('pages kept apart by tenant and place, and what others change seen within ten seconds', async () => {
    assert.equal((await list()).result.length, NAMES.length);
    assert.equal((await list(ACME, 2)).result.length, 2);
    assert.equal((await list(GLOBEX)).result.length, 0);
    const after = await ofAcme(({ devices }) => devices.list({ after: 'boiler-1', limit: 10 }));
    assert.equal(after.result.length, 2);
    await ofAcme((own) => register(own, 'boiler-4'), probe.harness.backend);
    probe.now_ms += 10 * SECOND_MS;
    assert.equal((await list()).result.length, NAMES.length + 1);
  });
});

describe('What Firestore is asked for pages of devices of all lengths', () => {
  const probe = new CostProbe();

  it('a few looks, however many lengths are asked for', async () => {
    await probe.metered(({ forTenant }) => fill(forTenant(ACME)));
    await probe.useOther();
    let reads = 0;
    for (let limit = 1; limit <= 1_001; limit += 1) {
      const { result, cost: spent } = await probe.metered(({ forTenant }) => forTenant(ACME).devices.list({ limit }));
      assert.equal(result.length, Math.min(limit, NAMES.length));
      reads += spent.reads;
    }
    assert.equal(reads, 6 * NAMES.length, 'one for each size of page');
  });
});

describe('What Firestore is asked for a list of devices without memory', () => {
  const probe = new CostProbe('none');

  it('every device, every time', async () => {
    await probe.metered(({ forTenant }) => fill(forTenant(ACME)));
    for (let n = 0; n < 2; n += 1) {
      const { cost: spent } = await probe.metered(({ forTenant }) => forTenant(ACME).devices.list({ limit: 10 }));
      assert.deepEqual(spent, cost(NAMES.length, 0));
      probe.now_ms += MINUTE_MS;
    }
  });
});
