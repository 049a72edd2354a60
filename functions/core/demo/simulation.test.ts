import assert from 'node:assert/strict';
import { HOUR_MS, SECOND_MS } from '../clock.ts';
import { retryAfter_ms } from './simulation.ts';

describe('a controller of the demo that is refused', () => {
  it('comes again less and less often, and at least every hour', () => {
    assert.deepEqual(
      [0, 1, 2, 3].map(retryAfter_ms),
      [30, 30, 60, 120].map((s) => s * SECOND_MS),
    );
    assert.equal(retryAfter_ms(8), HOUR_MS);
    assert.equal(retryAfter_ms(10_000), HOUR_MS);
  });
});
