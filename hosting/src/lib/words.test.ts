import assert from 'node:assert/strict';
import { exactDuration, waitText } from './words.ts';

describe('an interval in words', () => {
  it('loses nothing', () => {
    const texts = [100, 90_000, 60_000, 900_000, 5_400_000, 7_200_000, 86_400_000].map(exactDuration);
    assert.deepEqual(texts, ['0.1 s', '90 s', '1 min', '15 min', '90 min', '2 h', '1 d']);
  });
});

describe('a wait in words', () => {
  it('is rounded up: whoever waits so long has waited long enough', () => {
    const texts = [0, 1_500, 60_000, 90_000, 3_600_000, 3_700_000].map(waitText);
    assert.deepEqual(texts, ['0 s', '2 s', '1 min', '2 min', '1 h', '2 h']);
  });
});
