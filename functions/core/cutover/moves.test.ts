import assert from 'node:assert/strict';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock.ts';
import { ALL_SQLITE, AUDIT_PHASES, AUTH_PHASES, TELEMETRY_PHASES } from '../model/flags.ts';
import { at, dual, only, WELL } from './moves-fixtures.ts';
import { age, nextStep, reasonsAgainst, reasonsAgainstFinalizing } from './moves.ts';

describe('the order of moves', () => {
  it('is telemetry, audit, auth, then the end: all else is refused', () => {
    for (const telemetry of TELEMETRY_PHASES) {
      for (const audit of AUDIT_PHASES) {
        for (const auth of AUTH_PHASES) {
          const state = at({ telemetry, audit, auth });
          const may = (concern: 'telemetry' | 'audit' | 'auth') => reasonsAgainst(concern, state, WELL).length === 0;
          assert.equal(may('telemetry'), telemetry !== 'firestore');
          assert.equal(may('audit'), audit === 'sqlite' && telemetry === 'firestore');
          assert.equal(may('auth'), auth !== 'firestore' && audit === 'firestore');
          const all = telemetry === 'firestore' && audit === 'firestore' && auth === 'firestore';
          assert.equal(reasonsAgainstFinalizing(state).length === 0, all);
        }
      }
    }
  });

  it('says what comes first', () => {
    only(reasonsAgainst('audit', dual, WELL), /^telemetry is on dual: the order is telemetry, audit, auth\.$/);
    only(reasonsAgainst('auth', at({ telemetry: 'firestore' }), WELL), /^audit is on sqlite/);
  });

  it('has one next step for each phase, and none at the end', () => {
    assert.deepEqual(nextStep(ALL_SQLITE, 'telemetry'), { from: 'sqlite', to: 'dual' });
    assert.deepEqual(nextStep(dual.flags, 'telemetry'), { from: 'dual', to: 'firestore' });
    assert.deepEqual(nextStep({ ...ALL_SQLITE, auth: 'moving' }, 'auth'), { from: 'moving', to: 'firestore' });
    assert.deepEqual(nextStep(ALL_SQLITE, 'audit'), { from: 'sqlite', to: 'firestore' });
    for (const concern of ['telemetry', 'audit', 'auth'] as const) {
      const moved = at({ telemetry: 'firestore', audit: 'firestore', auth: 'firestore' });
      assert.equal(nextStep(moved.flags, concern), null);
      only(reasonsAgainst(concern, moved, WELL), new RegExp(`^${concern} is on firestore already\\.$`));
    }
  });

  it('ends with a finalized box', () => {
    const finalized = at({ telemetry: 'firestore', finalized: true });
    for (const concern of ['telemetry', 'audit', 'auth'] as const) {
      only(reasonsAgainst(concern, finalized, WELL), /finalized.*no way back/);
    }
    only(reasonsAgainstFinalizing(finalized), /^The box is finalized already\.$/);
  });
});

describe('a duration in words', () => {
  it('is told in the unit people would use', () => {
    const told = [0, 59_999, MINUTE_MS, HOUR_MS - 1, HOUR_MS, 1.5 * HOUR_MS, DAY_MS].map(age);
    assert.deepEqual(told, ['0 s', '59 s', '1 min', '59 min', '1 h', '1.5 h', '24 h']);
  });
});
