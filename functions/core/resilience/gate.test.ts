import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { Gate, KeyedGate } from './gate.ts';

describe('a gate', () => {
  it('lets no more run at once than it may, and all of them in order', async () => {
    const gate = new Gate({ running: 2, waiting: 10 });
    const order: number[] = [];
    let running = 0;
    let most = 0;
    const work = (index: number) => async (): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      order.push(index);
      await turn();
      running -= 1;
    };
    await Promise.all([0, 1, 2, 3, 4, 5, 6].map((index) => gate.run(work(index))));
    assert.equal(most, 2);
    assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6]);
    assert.ok(gate.idle);
  });

  it('frees its place when work fails', async () => {
    const gate = new Gate({ running: 1, waiting: 0 });
    await assert.rejects(gate.run(() => Promise.reject(new Error('no'))));
    assert.equal(await gate.run(() => Promise.resolve('yes')), 'yes');
  });

  it('refuses at once what may not wait', async () => {
    const gate = new Gate({ running: 1, waiting: 0 });
    const first = gate.run(() => turn('done'));
    await assert.rejects(
      gate.run(() => Promise.resolve()),
      { code: 'overloaded' },
    );
    assert.equal(await first, 'done');
  });
});

describe('a keyed gate', () => {
  it('keeps keys apart and forgets those that nobody uses', async () => {
    const gates = new KeyedGate({ running: 1, waiting: 1 });
    const runs = [gates.run('a', () => turn('a')), gates.run('b', () => turn('b')), gates.run('a', () => turn('A'))];
    assert.equal(gates.size, 2);
    await assert.rejects(
      gates.run('a', () => turn()),
      { code: 'overloaded' },
    );
    assert.deepEqual(await Promise.all(runs), ['a', 'b', 'A']);
    assert.equal(gates.size, 0);
  });
});
