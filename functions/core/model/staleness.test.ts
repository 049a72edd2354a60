import assert from 'node:assert/strict';
import { staleness } from './staleness.ts';

describe('staleness', () => {
  it('is late after two and silent after ten of the intervals that the device declared', () => {
    assert.equal(staleness(10_000, 5_000), 'ok');
    assert.equal(staleness(10_001, 5_000), 'late');
    assert.equal(staleness(50_000, 5_000), 'late');
    assert.equal(staleness(50_001, 5_000), 'silent');
  });

  it('expects a point a minute where nothing is declared, and is silent where there is none', () => {
    assert.equal(staleness(120_000, null), 'ok');
    assert.equal(staleness(120_001, null), 'late');
    assert.equal(staleness(null, 86_400_000), 'silent');
  });
});
