/** What is another tenant's is refused with the very bytes of what is nobody's; how long it takes is for `npm run fuzz`. */
import assert from 'node:assert/strict';
import { comparePair } from '../fuzz/timing/compare.ts';
import { openStranger, PAIR_NAMES } from '../fuzz/timing/pairs.ts';

for (const backend of ['sqlite', 'firestore'] as const) {
  it(`what is foreign and what is not there are refused alike on ${backend}`, async function () {
    this.timeout(30_000);
    const stranger = await openStranger(backend);
    try {
      for (const name of PAIR_NAMES) {
        const { differs } = await comparePair(stranger, stranger.pairs[name], 2);
        assert.equal(differs, null, name);
      }
    } finally {
      await stranger.close();
    }
  });
}
