import assert from 'node:assert/strict';
import { storeUnavailable } from '../../errors.ts';
import { ALL_SQLITE } from '../../model/flags.ts';
import { Meter } from '../../observability/meter.ts';
import type { CloudFlags } from '../mirror.ts';
import { Admission } from './admission.ts';

describe('admission to a Firestore database', () => {
  let now_ms: number;
  let stored: CloudFlags | null | Error;
  let questions: number;
  let admission: Admission;

  const says = (finalized: boolean): CloudFlags => ({ flags: { ...ALL_SQLITE, finalized }, updated_ms: 1 });
  const admit = (): Promise<void> => admission.admit(new Meter());
  const refused = () => assert.rejects(admit, { code: 'store_unavailable', retry_after_s: 30, detail: /being moved/ });

  beforeEach(() => {
    [now_ms, stored, questions] = [1_000_000, null, 0];
    admission = new Admission({
      clock: { now_ms: () => now_ms },
      readFlags: (meter) => {
        questions += 1;
        meter.countReads(1);
        return stored instanceof Error ? Promise.reject(stored) : Promise.resolve(stored);
      },
    });
  });

  it('is refused while a box moves there, until five seconds after it is finalized', async () => {
    stored = says(false);
    await refused();
    stored = says(true);
    now_ms += 4_999;
    await refused();
    assert.equal(questions, 1);
    now_ms += 1;
    await admit();
    assert.equal(questions, 2);
  });

  it('is never asked for again once it was given for good', async () => {
    stored = says(true);
    await admit();
    now_ms += 3_600_000;
    stored = new Error('must not be asked');
    await admit();
    assert.equal(questions, 1);
  });

  it('is given by a database that nobody claimed, and looked at again: a box may begin to move there', async () => {
    await admit();
    now_ms += 29_999;
    await admit();
    assert.equal(questions, 1);
    now_ms += 1;
    stored = says(false);
    await refused();
  });

  it('costs the request that asks one read, and those that ask with it none', async () => {
    const meters = [new Meter(), new Meter(), new Meter()];
    await Promise.all(meters.map((meter) => admission.admit(meter)));
    assert.deepEqual(
      meters.map(({ reads }) => reads),
      [1, 0, 0],
    );
  });

  it('is not guessed while the store does not answer, and asked for again by the next request', async () => {
    stored = storeUnavailable(new Error('away'));
    await assert.rejects(admit, { code: 'store_unavailable' });
    stored = says(true);
    await admit();
  });
});
