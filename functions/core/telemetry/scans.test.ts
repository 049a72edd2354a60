import assert from 'node:assert/strict';
import { setImmediate as round } from 'node:timers/promises';
import type { Point } from '../model/point.ts';
import { collectPage } from './collect.ts';
import { Scans } from './scans.ts';

/** Scans that go on until they are ended, and how many are under way. */
class Held {
  readonly scans = new Scans();
  readonly running = new Map<string, number>();
  readonly #ends: (() => void)[] = [];

  async long(user_id: string): Promise<void> {
    await this.scans.run(user_id, 'long', async () => {
      this.running.set(user_id, (this.running.get(user_id) ?? 0) + 1);
      await new Promise<void>((resolve) => this.#ends.push(resolve));
      this.running.set(user_id, (this.running.get(user_id) ?? 0) - 1);
    });
  }

  async endAll(all: Promise<unknown>): Promise<void> {
    const state = { ended: false };
    void all.finally(() => (state.ended = true));
    while (!state.ended) {
      this.#ends.shift()?.();
      await round();
    }
  }
}

async function rounds(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await round();
}

describe('scans', () => {
  it('of one user run two at a time, another user goes between, and short ones wait for nobody', async () => {
    const held = new Held();
    const all = Array.from({ length: 20 }, () => held.long('greedy'));
    all.push(held.long('other'));
    await rounds(30);
    assert.deepEqual(
      [...held.running],
      [
        ['greedy', 2],
        ['other', 1],
      ],
    );
    assert.equal(await held.scans.run('greedy', 'short', () => Promise.resolve('at once')), 'at once');
    await held.endAll(Promise.all(all));
    assert.deepEqual([...held.running.values()], [0, 0]);
  });

  it('of one user wait in a bounded number: the rest is refused, and another user is not', async () => {
    const held = new Held();
    const asked = Array.from({ length: 40 }, () => held.long('greedy'));
    const outcomes = Promise.allSettled(asked);
    const other = held.long('other');
    await held.endAll(Promise.all([outcomes, other]));
    const refused = (await outcomes).filter(({ status }) => status === 'rejected');
    assert.equal(refused.length, 40 - 32);
    await assert.doesNotReject(other);
  });

  it('of all users run four at a time', async () => {
    const held = new Held();
    const all = Array.from({ length: 12 }, (_unused, at) => held.long(`user-${at}`));
    await rounds(30);
    assert.equal(held.running.size, 4);
    await held.endAll(Promise.all(all));
    assert.equal(held.running.size, 12);
  });

  it('let other work in between by time, even within one chunk', async () => {
    const points: readonly Point[] = Array<Point>(100_000).fill({ timestamp_ms: 1, metrics: '{"t":1}' });
    const chunks = async function* () {
      yield await Promise.resolve(points);
    };
    let between = 0;
    const state = { ended: false };
    const page = new Scans().run('u', 'long', (turn) => collectPage(chunks(), { limit: 5, names: ['zz'], turn }));
    void page.finally(() => (state.ended = true));
    while (!state.ended) {
      await round();
      between += 1;
    }
    assert.deepEqual((await page).points, []);
    // A turn before it begins, and those within.
    assert.ok(between > 3, `${between} rounds`);
  });
});
