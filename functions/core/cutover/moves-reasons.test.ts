import assert from 'node:assert/strict';
import { DAY_MS } from '../clock.ts';
import { at, CLEAN, dual, GREEN, NOW_MS, only, WELL } from './moves-fixtures.ts';
import { SETTLED_MS } from './limits.ts';
import { reasonsAgainst, reasonsAgainstFinalizing, type Circumstances } from './moves.ts';
import { NO_PROOF, PROOF_HOLDS_MS, type Proof } from './proof.ts';

describe('what stands in the way of a move', () => {
  it('is the gate and the cloud, for every move', () => {
    const states = [
      ['telemetry', at({})],
      ['telemetry', dual],
      ['audit', at({ telemetry: 'firestore' })],
    ] as const;
    for (const [concern, state] of states) {
      const reasons = reasonsAgainst(concern, state, { ...WELL, gate: ['index'], cloud: ['away'] });
      assert.deepEqual(reasons, ['away', 'index']);
    }
  });

  it('is, into dual, nothing of what only reads depend on', () => {
    const state = { ...at({}, { buckets: 9, oldest_ms: 1, older_buckets: 3 }), has_points: false };
    assert.deepEqual(reasonsAgainst('telemetry', state, { ...WELL, proof: NO_PROOF }), []);
  });

  const against = (changes: Partial<Circumstances>, state = dual) =>
    reasonsAgainst('telemetry', state, { ...WELL, ...changes });
  const proven = (changes: Partial<Proof>) => against({ proof: { ...GREEN, ...changes } });

  it('is a bucket that is stuck, and not one that is on its way', () => {
    const dirty = (ms: number) => at({ telemetry: 'dual' }, { buckets: 2, oldest_ms: NOW_MS - ms });
    assert.deepEqual(against({}, dirty(SETTLED_MS)), []);
    only(against({}, dirty(SETTLED_MS + 1)), /^2 buckets not delivered, the oldest for 2 min: .*--rate 0/);
  });

  it('is older history that nobody migrated or waived', () => {
    const older = at({ telemetry: 'dual' }, { older_buckets: 1 });
    only(against({}, older), /^1 bucket from before the backfill start .*--waive-older/);
    assert.deepEqual(against({ waive: 'kept on paper' }, older), []);
  });

  it('is that nothing was compared', () => {
    only(against({}, { ...dual, has_points: false }), /No point has been compared/);
    only(proven({ points: 0 }), /No point has been compared/);
    only(against({ proof: NO_PROOF }), /No point has been compared/);
  });

  it('is a difference, which is named', () => {
    const difference = {
      tenant_id: 'acme',
      device_id: 'boiler-1',
      timestamp_ms: 0,
      sqlite: '{"t":1}',
      firestore: null,
      fault: null,
    };
    const reasons = proven({ differing: 1, differences: [difference], green_since_ms: null });
    const where = 'acme/boiler-1 at 1970-01-01T00:00:00.000Z';
    assert.deepEqual(reasons, [`1 bucket not equal; ${where}: SQLite {"t":1}, Firestore has nothing`]);
    const many = proven({
      differing: 9,
      differences: Array.from({ length: 9 }, () => difference),
      green_since_ms: null,
    });
    assert.equal(many[0]?.split(where).length, 2);
    assert.match(many[0], /^9 buckets not equal; .*; npm run cutover -- compare names the others\.$/);
    const long = { ...difference, sqlite: `{"t":"${'x'.repeat(4_000)}"}` };
    const [told = ''] = proven({ differing: 1, differences: [long], green_since_ms: null });
    assert.ok(told.length < 250 && told.includes('x…, Firestore'), told);
  });

  it('is a first comparison that has not ended', () => {
    const reasons = proven({ full_ms: null, green_since_ms: null });
    assert.match(reasons[0] ?? '', /first full comparison has not ended/);
    assert.match(reasons[1] ?? '', /^Green for 0 s; 24 h are asked for/);
    assert.equal(reasons.length, 2);
  });

  it('is a comparison that is too old', () => {
    assert.deepEqual(proven({ checked_ms: NOW_MS - PROOF_HOLDS_MS }), []);
    only(proven({ checked_ms: NOW_MS - PROOF_HOLDS_MS - 1 }), /^The last comparison is 30 min old/);
  });

  it('is a bucket that never held still', () => {
    only(proven({ unsettled: 3 }), /^3 buckets not delivered yet, or changed whenever compare looked/);
  });

  it('is too short a time of agreement', () => {
    only(proven({ green_since_ms: NOW_MS - DAY_MS + 1 }), /^Green for 23.9 h; 24 h are asked for/);
    assert.deepEqual(proven({ green_since_ms: NOW_MS - DAY_MS }), []);
    assert.deepEqual(against({ min_green_ms: 0, proof: { ...GREEN, green_since_ms: NOW_MS } }), []);
  });

  it('is all of it at once', () => {
    const state = at({ telemetry: 'dual' }, { buckets: 1, oldest_ms: 0, older_buckets: 1 });
    const proof = { ...GREEN, unsettled: 1, checked_ms: 0, green_since_ms: null };
    assert.equal(against({ gate: ['gate'], cloud: ['cloud'], proof }, state).length, 7);
  });
});

describe('what stands in the way of the end', () => {
  const moved = { telemetry: 'firestore', audit: 'firestore', auth: 'firestore' } as const;

  it('is whatever has not moved, all of it', () => {
    const reasons = reasonsAgainstFinalizing(at({ auth: 'moving' }));
    assert.deepEqual(reasons, [
      'telemetry is on sqlite: advance it first.',
      'audit is on sqlite: advance it first.',
      'auth is on moving: advance it first.',
    ]);
  });

  it('is one change of any kind that Firestore lacks', () => {
    only(reasonsAgainstFinalizing(at(moved, { buckets: 1 })), /^1 change still to deliver/);
    for (const kind of ['tenant', 'device', 'key', 'user', 'audit'] as const) {
      const rows = { ...CLEAN.rows, [kind]: 2 };
      only(reasonsAgainstFinalizing(at(moved, { rows })), /^2 changes still to deliver/);
    }
  });

  it('is older history, unless it was waived', () => {
    only(reasonsAgainstFinalizing(at(moved, { older_buckets: 2 })), /^2 buckets from before the backfill start/);
    assert.deepEqual(reasonsAgainstFinalizing(at({ ...moved, waived: 'on paper' }, { older_buckets: 2 })), []);
  });
});
