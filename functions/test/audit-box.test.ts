/** Seals of a box go where its events go. */
import assert from 'node:assert/strict';
import { HOUR_MS } from '@bas/core/clock';
import { sealAudit } from '@bas/core/audit/schedule';
import { verify, walkAll } from '@bas/core/audit/verification';
import { Problem } from '@bas/core/errors';
import { readConfig } from '@bas/core/config';
import { Meter } from '@bas/core/observability/meter';
import { silentLogger } from '@bas/core/observability/log';
import type { Stores } from '@bas/core/stores/contracts';
import { emulatorHost } from '@bas/core/stores/firestore/harness';
import { ACME, anEvent, NOW_MS } from '@bas/core/stores/suite/fixtures';
import { createSuite } from '@bas/core/suite';
import { MovableClock } from './support/movable-clock.ts';
import { deliveryOf, furnish, moveTelemetry, openMovingBox, tenantOf, type MovingBox } from './support/moving-box.ts';

describe('seals of a box that moves', function () {
  this.timeout(60_000);
  const clock = new MovableClock(NOW_MS);
  let box: MovingBox;

  before(async () => {
    box = await openMovingBox({ clock });
    await furnish(box, 1);
    await moveTelemetry(box, 'dual');
    const { flags } = await box.parts.journal.state();
    const audit = anEvent({ tenant_id: 'system' });
    await box.parts.journal.move(() => ({ flags: { ...flags, telemetry: 'firestore', audit: 'firestore' }, audit }));
  });
  after(() => box.close());

  const verified = async (stores: Stores) => {
    const now_ms = clock.now_ms();
    return verify(walkAll(stores.forTenant(ACME).audit, now_ms), { tenant_id: ACME, now_ms });
  };

  it('are made of its file, delivered with its events and hold in Firestore, large events too', async () => {
    const { audit } = await tenantOf(box);
    await audit.append(anEvent({ detail: 'ä'.repeat(1_048_576) }));
    await audit.append(anEvent());
    clock.advance(HOUR_MS);
    assert.match(await sealAudit(box.suite), /^\d+ audit events sealed by 2 seals$/);
    const inFile = await verified((await box.suite.backend()).withMeter(new Meter()));
    assert.deepEqual([inFile.findings, inFile.unsealed, inFile.seals], [[], null, 1]);
    await deliveryOf(box).everything();
    const inCloud = await verified(box.parts.cloud.reads.withMeter(new Meter()));
    assert.deepEqual(inCloud, inFile);
    const seals = await audit.query({ start_ms: 0, end_ms: clock.now_ms() + 1, action: 'audit.seal' }, { limit: 9 });
    assert.equal(seals.length, 1);
  });

  it('are not made by the cloud while the box is still moving there', async () => {
    const [{ project_id }, FIRESTORE_EMULATOR_HOST] = [box, emulatorHost()];
    const flags = { USE_FIRESTORE_TELEMETRY: '1', USE_FIRESTORE_AUDIT: '1', USE_FIRESTORE_AUTH: '1' };
    const config = readConfig({ ...flags, GCP_PROJECT_ID: project_id, FIRESTORE_EMULATOR_HOST });
    const cloud = createSuite(config, { clock, logger: silentLogger });
    await box.parts.mirror.writeFlags(() => ({
      box_id: 'box',
      flags: box.parts.journal.flags(),
      updated_ms: clock.now_ms(),
    }));
    await cloud.home().then((home) => assert.rejects(home.admit(new Meter()), Problem));
    const before = await box.firestore.auditEvents(ACME);
    await (await tenantOf(box)).audit.append(anEvent({ timestamp_ms: clock.now_ms() }));
    await deliveryOf(box).everything();
    clock.advance(HOUR_MS);
    assert.match(await sealAudit(cloud), /still being moved here/);
    assert.equal((await box.firestore.auditEvents(ACME)).length, before.length + 1);
    await cloud.close();
  });
});
