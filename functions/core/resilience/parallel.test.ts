import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { inParallel } from './parallel.ts';

describe('work in parallel', () => {
  it('does every item once, never more at a time than told', async () => {
    const done: number[] = [];
    let running = 0;
    let most = 0;
    const items = Array.from({ length: 25 }, (_, n) => n);
    await inParallel(items, 4, async (item) => {
      most = Math.max(most, (running += 1));
      await nextTurn();
      running -= 1;
      done.push(item);
    });
    assert.deepEqual(
      done.sort((a, b) => a - b),
      items,
    );
    assert.equal(most, 4);
  });

  it('throws the first failure, once what was under way has ended, and begins nothing more', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const work = inParallel([0, 1, 2, 3, 4, 5], 2, async (item) => {
      begun.push(item);
      await nextTurn();
      if (item === 0) throw new Error('first');
      await nextTurn();
      ended.push(item);
    });
    await assert.rejects(work, /first/);
    assert.deepEqual(begun, [0, 1]);
    assert.deepEqual(ended, [1]);
  });

  it('has nothing to do for no items', () => inParallel([], 4, () => assert.fail('there was nothing to do')));
});
