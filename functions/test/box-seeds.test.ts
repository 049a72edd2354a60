/** A box that is told by its environment to begin moved. */
import assert from 'node:assert/strict';
import { systemClock } from '@bas/core/clock';
import { BY_COMMAND } from '@bas/core/cutover/events';
import { rollback } from '@bas/core/cutover/rollback';
import { SetupError } from '@bas/core/errors';
import { readConfig } from '@bas/core/config';
import { createSuite } from '@bas/core/suite';
import { incoming } from '@bas/core/stores/suite/fixtures';
import { assertSamePoints, deliveryOf, furnish, openMovingBox, post, type MovingBox } from './support/moving-box.ts';

describe('the seeds of a box', function () {
  this.timeout(30_000);
  const seeds = { USE_FIRESTORE_TELEMETRY: '1' };
  let box: MovingBox;
  beforeEach(async () => {
    box = await openMovingBox({ seeds });
  });
  afterEach(() => box.close());

  it('are its first flags: everything is journaled from the first row on, and one event says so', async () => {
    assert.deepEqual([box.parts.journal.flags().telemetry, box.parts.journal.isSet()], ['firestore', true]);
    const devices = await furnish(box, 1);
    const now_ms = systemClock.now_ms();
    await post(box, devices[0] ?? assert.fail(), incoming([now_ms, { t: 1 }]), { now_ms });
    await deliveryOf(box).everything();
    await assertSamePoints(box, devices);
    const events = await box.sqlite.auditEvents('system');
    assert.deepEqual(
      events.map(({ action, target, outcome }) => [action, target, outcome]),
      [['cutover.advance', 'telemetry', 'success']],
    );
  });

  it('mean nothing any more once a move was made', async () => {
    await rollback(box.parts, 'telemetry', BY_COMMAND, 'a test');
    const again = await openMovingBox({ of: box, seeds: { ...seeds, USE_FIRESTORE_AUDIT: '1' } });
    const { telemetry, audit } = again.parts.journal.flags();
    await again.close();
    assert.deepEqual([telemetry, audit], ['sqlite', 'sqlite']);
  });

  it('are not needed to know that a box moves: without its project it does not open', async () => {
    const suite = createSuite(readConfig({ SQLITE_FILE: box.file }));
    await assert.rejects(suite.backend(), (error: unknown) => {
      assert(error instanceof SetupError);
      assert.match(error.message, /^GCP_PROJECT_ID: .* is moving to Firestore; name the project it moves to\.$/);
      return true;
    });
  });
});
