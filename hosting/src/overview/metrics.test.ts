import assert from 'node:assert/strict';
import { firstNumber, shownMetrics } from './metrics.ts';

describe('the metrics of a row', () => {
  it('are the first few, numbers before all else, and tell of the others by name', () => {
    const metrics = { alarm: false, mode: 'auto', t: 1, u: 2 };
    assert.deepEqual(shownMetrics(metrics, 3), {
      values: [
        ['t', 1],
        ['u', 2],
        ['alarm', false],
      ],
      others: ['mode'],
    });
    assert.deepEqual(shownMetrics({}, 3), { values: [], others: [] });
  });

  it('have a line of the first number', () => {
    assert.equal(firstNumber({ on: true, mode: 'auto', t: 1, u: 2 }), 't');
    assert.equal(firstNumber({ on: true }), null);
  });
});
