/** A few of the cycles that `npm run crash` makes by the hundred. */
import assert from 'node:assert/strict';
import { emulatorHost } from '@bas/core/stores/firestore/harness';
import { killBox, killMovingBox, type KillOptions, type KillResult } from '../crash/kills.ts';

describe('a box that is killed under load', function () {
  this.timeout(120_000);

  function options(cycles: number): KillOptions {
    const { signal } = new AbortController();
    return { cycles, seed: 1, controllers: 6, emulator_host: emulatorHost(), signal, onCycle: () => undefined };
  }

  function assertKept({ history, findings }: KillResult): void {
    assert.deepEqual(findings, { lost: [], doubled: [], wrong: [] });
    assert.deepEqual(history.strange, []);
    const { resent, unknown, acknowledged } = history.count();
    assert(acknowledged > 100 && resent > 10 && unknown > 0, JSON.stringify(history.count()));
  }

  it('has every acknowledged point once when it is back', async () => {
    assertKept(await killBox(options(3)));
  });

  it('delivers every one of them to Firestore, once, when it is on its way there', async () => {
    const result = await killMovingBox(options(1));
    assertKept(result);
    assert(result.delivered > 100);
  });
});
