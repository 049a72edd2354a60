/** A few of the faults that `npm run crash -- --only faults` makes by the thousand. */
import assert from 'node:assert/strict';
import { emulatorHost } from '@bas/core/stores/firestore/harness';
import { tryFaults } from '../crash/faults.ts';
import type { Trial } from '../crash/trials.ts';

/** Of the faults before an effect, one in so many; those after one are tried with one status each. */
const ONE_IN = 6;

describe('a request of which one call fails', function () {
  this.timeout(120_000);

  it('is done once or refused, whichever call it is and however it fails', async () => {
    const { signal } = new AbortController();
    let seen = 0;
    const wanted = ({ fault, times }: Trial): boolean => {
      if (fault.kind === 'lost_answer') return fault.status === 'UNAVAILABLE';
      return fault.kind === 'status' && times === 1 && (seen += 1) % ONE_IN === 0;
    };
    const kinds = [
      'points into old and new buckets',
      'go on from another network',
      'read a window',
      'register a device',
      'sign-out',
    ];
    const options = { emulator_host: emulatorHost(), kinds, wanted, lanes: 2, signal, onKind: () => undefined };
    const results = await tryFaults(options);
    assert.deepEqual(
      results.flatMap(({ wrong }) => wrong),
      [],
    );
    const trials = results.flatMap((result) => result.trials);
    assert(trials.length >= 12, String(trials.length));
    assert(trials.some(({ fault }) => fault.kind === 'lost_answer'));
  });
});
