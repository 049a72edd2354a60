import assert from 'node:assert/strict';
import { nextQuestion } from './question.ts';

const asked: Readonly<Record<string, number>> = { a: 30, b: 10, c: 20 };
const askedAt_ms = (id: string): number => asked[id] ?? -Infinity;

describe('the next question of the overview', () => {
  it('is about the rows on screen alone, in an order that stays the same', () => {
    const wanted = { others: [], most: 50, askedAt_ms };
    assert.deepEqual(nextQuestion({ ...wanted, on_screen: ['c', 'x', 'a'] }), ['a', 'c', 'x']);
    assert.deepEqual(nextQuestion({ ...wanted, on_screen: ['x', 'a', 'c'] }), ['a', 'c', 'x']);
  });

  it('takes those that waited longest when there are too many', () => {
    assert.deepEqual(nextQuestion({ on_screen: ['a', 'b', 'c', 'y', 'x'], others: [], most: 3, askedAt_ms }), [
      'b',
      'x',
      'y',
    ]);
  });

  it('leaves others what room there is, and asks for nobody twice', () => {
    const question = nextQuestion({ on_screen: ['c', 'b'], others: ['a', 'b', 'z'], most: 3, askedAt_ms });
    assert.deepEqual(question, ['b', 'c', 'z']);
  });
});
