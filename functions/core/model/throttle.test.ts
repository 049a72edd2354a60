import assert from 'node:assert/strict';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../clock.ts';
import { ACCOUNT_POLICY, countTry, forgiveTry, findBlock, type ThrottleState } from './throttle.ts';

const NOW_MS = Date.UTC(2026, 2, 17, 9, 24, 30);

function tries(count: number, now_ms = NOW_MS): ThrottleState {
  let state = countTry(null, ACCOUNT_POLICY, now_ms);
  for (let i = 1; i < count; i += 1) state = countTry(state, ACCOUNT_POLICY, now_ms);
  return state;
}

describe('sign-in throttling', () => {
  it('lets five tries pass, then waits 30 s, doubling to 15 min', () => {
    assert.deepEqual([tries(1).blocked_until_ms, tries(4).blocked_until_ms], [0, 0]);
    const waits = [5, 6, 7, 8, 9, 10, 11, 2_000].map((count) => tries(count).blocked_until_ms - NOW_MS);
    const minutes = [1, 2, 4, 8, 15, 15, 15].map((count) => count * MINUTE_MS);
    assert.deepEqual(waits, [30 * SECOND_MS, ...minutes]);
  });

  it('forgets after 12 quiet hours, and not a millisecond before', () => {
    const state = tries(7);
    assert.equal(countTry(state, ACCOUNT_POLICY, NOW_MS + 12 * HOUR_MS - 1).failures, 8);
    assert.equal(countTry(state, ACCOUNT_POLICY, NOW_MS + 12 * HOUR_MS).failures, 1);
  });

  it('counts on when the clock went back', () => {
    assert.equal(countTry(tries(3), ACCOUNT_POLICY, NOW_MS - HOUR_MS).failures, 4);
  });

  it('lets a request pass that came before a free try and had to wait for its turn', () => {
    const counter = { claim: { key: 'key', policy: ACCOUNT_POLICY }, state: tries(1) };
    assert.deepEqual(findBlock([counter], NOW_MS - SECOND_MS), { kind: 'reserved' });
  });

  it('takes one try back, with the block that came with it', () => {
    assert.deepEqual(forgiveTry(tries(5)), { failures: 4, blocked_until_ms: 0, updated_ms: NOW_MS });
    assert.deepEqual(forgiveTry(tries(7)), { failures: 6, blocked_until_ms: 0, updated_ms: NOW_MS });
    assert.equal(forgiveTry({ ...tries(1), failures: 0 }).failures, 0);
  });

  it('is blocked by the claim that blocks longest, until its very end', () => {
    const counter = (key: string, state: ThrottleState | null) => ({ claim: { key, policy: ACCOUNT_POLICY }, state });
    const [short, long] = [counter('short', tries(5)), counter('long', tries(6))];
    const [none, free] = [counter('none', null), counter('free', tries(2))];
    const found = { kind: 'blocked', claim: long.claim, failures: 6, until_ms: NOW_MS + MINUTE_MS };
    assert.deepEqual(findBlock([none, short, long, free], NOW_MS), found);
    assert.deepEqual(findBlock([long, short], NOW_MS), found);
    const until_ms = NOW_MS + 30 * SECOND_MS;
    const shorter = { kind: 'blocked', claim: short.claim, failures: 5, until_ms };
    assert.deepEqual(findBlock([short], until_ms - 1), shorter);
    assert.deepEqual(findBlock([short, none], until_ms), { kind: 'reserved' });
  });
});
