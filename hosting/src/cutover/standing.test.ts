import assert from 'node:assert/strict';
import { ALL_FIRESTORE, ALL_SQLITE, CONCERNS, type Flags } from '@bas/core/model/flags';
import { NO_PROOF } from '@bas/core/cutover/proof';
import { cutoverAnswer } from '@bas/core/cutover/answers';
import { nextStep } from '@bas/core/cutover/moves';
import { NO_PROJECT } from '@bas/core/cutover/shapes';
import type { Cutover } from '../api/answers.ts';
import { homeOf, isMoving, nextMove, preconditionsOf, type StepOptions } from './standing.ts';

const NOW_MS = 1_800_000_000_000;
const HOUR_MS = 3_600_000;

function standing(flags: Partial<Flags>, more: Partial<Cutover> = {}, reasons: readonly string[] = []): Cutover {
  const all = { ...ALL_SQLITE, ...flags };
  const answer = cutoverAnswer({
    now_ms: NOW_MS,
    flags: all,
    concerns: CONCERNS.map((concern) => ({
      concern,
      phase: all[concern],
      since_ms: all.since_ms[concern],
      next: all.finalized ? null : nextStep(all, concern),
      reasons,
    })),
    finalize: reasons,
    dirty: { buckets: 0, older_buckets: 0, rows: { tenant: 0, device: 0, key: 0, user: 0, audit: 0 }, oldest_ms: null },
    delivery: { at_ms: NOW_MS, per_minute: 0, failing_since_ms: null },
    cut_events: [],
    published: true,
    proof: NO_PROOF,
    gate: { state: 'ready', checked_ms: NOW_MS },
  });
  return { ...answer, ...more };
}

function unmet(status: Cutover, options: StepOptions = {}): readonly string[] {
  const move = nextMove(status) ?? assert.fail('no move');
  return preconditionsOf(status, move, options).flatMap(({ label, met }) => (met === false ? [label] : []));
}

const next = (status: Cutover): string => {
  const move = nextMove(status);
  return move === null ? 'none' : `${move.target} ${move.from} ${move.to}`;
};

describe('how the cutover stands', () => {
  const moved = { since_ms: { telemetry: 1, audit: 1, auth: 1 } };

  it('has one next move, in the order of the road', () => {
    assert.equal(next(standing({})), 'telemetry sqlite dual');
    assert.equal(next(standing({ ...moved, telemetry: 'dual' })), 'telemetry dual firestore');
    assert.equal(next(standing({ ...moved, telemetry: 'firestore' })), 'audit sqlite firestore');
    assert.equal(next(standing({ ...moved, telemetry: 'firestore', audit: 'firestore' })), 'auth sqlite firestore');
    assert.equal(next(standing({ ...moved, telemetry: 'sqlite', audit: 'firestore' })), 'telemetry sqlite dual');
    const all = { ...moved, telemetry: 'firestore', audit: 'firestore', auth: 'firestore' } as const;
    assert.equal(next(standing(all)), 'finalize both firestore');
    assert.equal(next(standing({ ...all, finalized: true })), 'none');
  });

  it('knows a home that cannot be moved', () => {
    assert.equal(homeOf(standing({})), 'box');
    assert.equal(homeOf(standing(ALL_FIRESTORE)), 'firestore_alone');
    assert.equal(homeOf(standing({ ...ALL_FIRESTORE, ...moved })), 'box');
    const nowhere = standing({}, {}, [NO_PROJECT]);
    assert.equal(homeOf(nowhere), 'no_project');
    assert.equal(nextMove(nowhere), null);
  });

  it('ticks what a move of reads asks for, one by one', () => {
    const green = { ...NO_PROOF, full_ms: NOW_MS - HOUR_MS, green_since_ms: NOW_MS - 25 * HOUR_MS, points: 10 };
    const dual = (more: Partial<Cutover>): Cutover =>
      standing({ ...moved, telemetry: 'dual' }, { proof: green, ...more });
    assert.deepEqual(unmet(dual({})), []);
    assert.deepEqual(unmet(dual({ gate: { state: 'emulator', checked_ms: 1 } })), ['Indexes and TTL are ready']);
    assert.deepEqual(unmet(dual({ gate: { state: 'emulator', checked_ms: 1 } }), { emulator: true }), []);
    const dirty = { buckets: 2, older_buckets: 1, rows: {}, oldest_ms: NOW_MS - 3 * 60_000 };
    assert.deepEqual(unmet(dual({ dirty })), [
      'Nothing waits for more than two minutes',
      'Older history is in Firestore, or waived',
    ]);
    assert.equal(unmet(dual({ dirty }), { waive_older: 'migrated by hand' }).length, 1);
    const young = { ...green, green_since_ms: NOW_MS - HOUR_MS };
    assert.deepEqual(unmet(dual({ proof: young })), ['Green for 24 h']);
    assert.deepEqual(unmet(dual({ proof: young }), { min_green_ms: HOUR_MS }), []);
    assert.equal(unmet(dual({ proof: { ...green, differing: 1, green_since_ms: null } })).length, 2);
    assert.equal(unmet(dual({ proof: NO_PROOF })).length, 3);
    const failing = { at_ms: NOW_MS, per_minute: 0, failing_since_ms: NOW_MS - 1 };
    assert.deepEqual(unmet(dual({ delivery: failing })), ['Firestore answers']);
  });

  it('is watched closely only while something moves', () => {
    assert.equal(isMoving(standing({})), false);
    assert.equal(isMoving(standing({ ...moved, telemetry: 'dual' })), true);
    assert.equal(isMoving(standing({ ...moved, auth: 'moving' })), true);
    assert.equal(isMoving(standing({ ...ALL_FIRESTORE, ...moved })), false);
  });
});
