/** Made-up operations of several tenants against a model: a short slice of `npm run fuzz -- --only model`. */
import assert from 'node:assert/strict';
import { campaign } from '../fuzz/model/campaign.ts';
import { PHASES } from '../fuzz/model/phases.ts';

const SEED = 20_251;
const OPERATIONS = { sqlite: 150, firestore: 100 } as const;

describe('tenants, people and devices', function () {
  this.timeout(60_000);

  for (const backend of ['sqlite', 'firestore'] as const) {
    for (const phase of PHASES[backend]) {
      it(`see and change what the model says, and nothing else: ${phase}`, async () => {
        const operations = OPERATIONS[backend];
        const { tally, finding } = await campaign({ phase, operations, seed: SEED, refusals_per_dump: 8 });
        assert.equal(finding, null);
        assert(tally.count('operations') >= operations);
        assert(tally.count('dumps') > 5);
        for (const trick of ['cursor given', 'tenant header other', 'device moved to another tenant']) {
          assert(tally.count(`trick ${trick}`) > 0, trick);
        }
      });
    }
  }
});
