/** A proof says something about now: a rollback forgets it, whatever else is going on. */
import assert from 'node:assert/strict';
import { systemClock } from '@bas/core/clock';
import { BY_COMMAND } from '@bas/core/cutover/events';
import { NO_PROOF } from '@bas/core/cutover/proof';
import { loadProof, prove } from '@bas/core/cutover/proving';
import { rollback, type Back } from '@bas/core/cutover/rollback';
import { incoming } from '@bas/core/stores/suite/fixtures';
import { furnish, moveTelemetry, openMovingBox, post, refused, type MovingBox } from './support/moving-box.ts';

describe('the proof of a box', function () {
  this.timeout(30_000);
  let box: MovingBox;

  beforeEach(async () => {
    box = await openMovingBox();
    const [device = assert.fail()] = await furnish(box, 1);
    const now_ms = systemClock.now_ms();
    await post(box, device, incoming([now_ms, { n: 1 }]), { now_ms });
    await moveTelemetry(box, 'firestore');
  });
  afterEach(() => box.close());

  const comparedWhileTurned = async (to: Back): Promise<readonly string[]> => {
    assert.notEqual((await loadProof(box.parts.journal)).green_since_ms, null);
    let turned = false;
    const onProgress = async (): Promise<void> => {
      if (!turned) await rollback(box.parts, 'telemetry', BY_COMMAND, 'a test', to);
      turned = true;
    };
    const reasons = await refused(prove(box.parts, { full: true, onProgress }));
    assert.equal(turned, true);
    assert.deepEqual(await loadProof(box.parts.journal), NO_PROOF);
    return reasons;
  };

  it('is not brought back by a comparison that was running when reads were turned', async () => {
    assert.deepEqual(await comparedWhileTurned('dual'), ['Telemetry was moved while this compared: compare again.']);
    await prove(box.parts);
    assert.equal((await loadProof(box.parts.journal)).points, 1);
  });

  it('is not brought back by one that was running when telemetry went all the way back', async () => {
    assert.match((await comparedWhileTurned('sqlite')).join(), /^Nothing is delivered yet/);
  });
});
