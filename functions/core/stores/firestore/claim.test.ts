import assert from 'node:assert/strict';
import { systemClock } from '../../clock.ts';
import { ALL_FIRESTORE, ALL_SQLITE } from '../../model/flags.ts';
import { Meter } from '../../observability/meter.ts';
import { aTenant } from '../suite/fixtures.ts';
import { emulatorHost, freshProject } from './harness.ts';
import { openCloudHome, openCloudSide } from './open.ts';

describe('whose a Firestore database is', () => {
  const fresh = () => {
    const options = {
      project_id: freshProject(),
      emulator_host: emulatorHost(),
      cache: 'none',
      clock: systemClock,
    } as const;
    const [home, box] = [openCloudHome(options), openCloudSide(options)];
    const { tenants } = home.backend.withMeter(new Meter());
    const close = () => Promise.all([home.backend.close(), box.reads.close()]);
    return { home, tenants, mirror: box.mirror(new Meter()), close };
  };

  it('its first tenant makes it a home of its own, once, however many are created at a time', async () => {
    const { home, tenants, mirror, close } = fresh();
    const names = ['acme', 'globex', 'acme', 'initech'];
    const created = await Promise.all(names.map((name) => tenants.create(aTenant(name))));
    assert.deepEqual(created.toSorted(), ['created', 'created', 'created', 'exists']);
    assert.deepEqual((await mirror.readFlags())?.flags, ALL_FIRESTORE);
    await home.admit(new Meter());
    await close();
  });

  it('while a box moves there it takes no tenant and answers nobody', async () => {
    const { home, tenants, mirror, close } = fresh();
    const moving = { flags: { ...ALL_SQLITE, telemetry: 'dual' }, updated_ms: 1 } as const;
    await mirror.writeFlags(() => moving);
    await assert.rejects(tenants.create(aTenant()), { code: 'precondition_failed', detail: /A box is moving/ });
    await assert.rejects(home.admit(new Meter()), { code: 'store_unavailable' });
    assert.equal(await tenants.get(aTenant().tenant_id), null);
    assert.deepEqual(await mirror.readFlags(), moving);
    await close();
  });
});
