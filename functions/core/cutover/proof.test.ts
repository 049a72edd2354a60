import assert from 'node:assert/strict';
import type { Comparison } from './comparison.ts';
import { addToProof, NO_PROOF, Proof } from './proof.ts';

const bucket = { tenant_id: 'acme', device_id: 'boiler-1', start_ms: 0 };
const difference = {
  tenant_id: 'acme',
  device_id: 'boiler-1',
  timestamp_ms: 1,
  sqlite: '{"t":1}',
  firestore: null,
  fault: null,
};

/** A comparison of everything that found `differing` of ten buckets different. */
function compared(differing: number, changes: Partial<Comparison> = {}): Comparison {
  const day = { day_ms: 0, buckets: 10, points: 100, equal: 10 - differing, different: differing, unsettled: 0 };
  return {
    scope: 'full',
    days: [day],
    differences: Array.from({ length: differing }, () => difference),
    unlisted: 0,
    differing: Array.from({ length: differing }, () => bucket),
    reads: 10,
    next: null,
    ...changes,
  };
}

const green = addToProof(NO_PROOF, compared(0), 100, 200);

describe('what comparisons prove', () => {
  it('is green since the first comparison of everything began', () => {
    assert.deepEqual([green.full_ms, green.green_since_ms, green.checked_ms], [200, 100, 200]);
    const later = addToProof(green, compared(0, { scope: 'changed' }), 300, 400);
    assert.deepEqual([later.full_ms, later.green_since_ms, later.checked_ms], [200, 100, 400]);
    assert.deepEqual([later.buckets, later.points, later.reads], [20, 200, 20]);
  });

  it('is nothing before everything was compared once', () => {
    const changed = addToProof(NO_PROOF, compared(0, { scope: 'changed' }), 100, 200);
    assert.deepEqual([changed.full_ms, changed.green_since_ms], [null, null]);
    const stopped = addToProof(NO_PROOF, compared(0, { next: bucket }), 100, 200);
    assert.deepEqual([stopped.full_ms, stopped.green_since_ms, stopped.resume], [null, null, bucket]);
    assert.equal(stopped.checked_ms, 0, 'one that was stopped says nothing of the rest');
  });

  it('is over with a difference, and begins anew only when everything was found equal', () => {
    const differs = addToProof(green, compared(2, { scope: 'changed' }), 300, 400);
    assert.deepEqual([differs.green_since_ms, differs.differing, differs.differences.length], [null, 2, 2]);
    const changed = addToProof(differs, compared(0, { scope: 'changed' }), 500, 600);
    assert.deepEqual([changed.green_since_ms, changed.differing, changed.differences.length], [null, 2, 2]);
    const stopped = addToProof(differs, compared(0, { next: bucket }), 500, 600);
    assert.deepEqual([stopped.green_since_ms, stopped.differing], [null, 2]);
    const whole = addToProof(changed, compared(0), 700, 800);
    assert.deepEqual([whole.green_since_ms, whole.differing, whole.differences], [700, 0, []]);
  });

  it('says what was changing when it was looked at last, and no longer', () => {
    const [day = assert.fail()] = compared(0).days;
    const unsettled = addToProof(green, compared(0, { days: [{ ...day, unsettled: 3 }] }), 300, 400);
    assert.deepEqual([unsettled.unsettled, unsettled.green_since_ms], [3, 100]);
    assert.equal(addToProof(unsettled, compared(0, { scope: 'changed' }), 500, 600).unsettled, 0);
  });

  it('is kept as it is', () => {
    const kept = addToProof(green, compared(2, { next: bucket }), 300, 400);
    assert.deepEqual(Proof.parse(JSON.parse(JSON.stringify(kept))), kept);
  });
});
