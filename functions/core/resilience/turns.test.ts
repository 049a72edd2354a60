import assert from 'node:assert/strict';
import { setImmediate as round } from 'node:timers/promises';
import { Turn, Turns } from './turns.ts';

describe('turns', () => {
  it('come one in each round of the event loop, in order, whoever takes part', async () => {
    const turns = new Turns();
    const steps: string[] = [];
    const work = async (name: string): Promise<void> => {
      for (let step = 0; step < 3; step += 1) {
        await turns.next();
        steps.push(name);
      }
    };
    const all = Promise.all(['a', 'b', 'c'].map(work));
    const in_round: number[] = [];
    while (steps.length < 9) {
      const before = steps.length;
      await round();
      in_round.push(steps.length - before);
    }
    await all;
    assert.deepEqual(steps, ['a', 'b', 'c', 'a', 'b', 'c', 'a', 'b', 'c']);
    assert.ok(Math.max(...in_round) === 1, String(in_round));
  });

  it('are over after a while, and begin anew with the next', async () => {
    const turn = new Turn(new Turns());
    const began_ms = performance.now();
    assert.equal(turn.isOver, false);
    while (performance.now() - began_ms < 5);
    assert.equal(turn.isOver, true);
    await turn.next();
    assert.equal(turn.isOver, false);
  });
});
