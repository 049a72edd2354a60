import assert from 'node:assert/strict';
import { MINUTE_MS } from '../clock.ts';
import { RefusalLimiter, withUntold } from './refusals.ts';

describe('refusals', () => {
  it('are stored one by one up to thirty a minute and origin, then counted and told with the next', () => {
    let now_ms = 0;
    const limiter = new RefusalLimiter({ now_ms: () => now_ms });
    for (let at = 0; at < 30; at += 1) assert.equal(limiter.admit('a'), 0);
    for (let at = 0; at < 5; at += 1) assert.equal(limiter.admit('a'), null);
    assert.equal(limiter.admit('b'), 0);
    now_ms = MINUTE_MS;
    assert.equal(limiter.admit('a'), 5);
    assert.equal(limiter.admit('a'), 0);
  });

  it('say how many went before', () => {
    assert.equal(withUntold('role_required', 0), 'role_required');
    assert.equal(withUntold('role_required', 5), 'role_required (5 more before)');
  });
});
