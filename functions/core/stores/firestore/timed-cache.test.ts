import assert from 'node:assert/strict';
import { TimedCache } from './timed-cache.ts';

describe('What is remembered of who asks', () => {
  let now_ms = 0;
  const cache = (enabled = true, max_entries = 10) =>
    new TimedCache<string>({ clock: { now_ms: () => now_ms }, ttl_ms: 1_000, max_entries, enabled });
  const read = (value: string | null) => () => Promise.resolve(value);

  beforeEach(() => {
    now_ms = 5_000;
  });

  it('ages from when the read began, and absence is never remembered', async () => {
    const remembered = cache();
    await remembered.recall('a', () => {
      now_ms += 400;
      return Promise.resolve('old');
    });
    now_ms += 599;
    assert.equal(await remembered.recall('a', read('new')), 'old');
    now_ms += 1;
    assert.equal(await remembered.recall('a', read(null)), null);
    assert.equal(await remembered.recall('a', read('new')), 'new');
  });

  it('is not brought back by a read that began before it was forgotten', async () => {
    const remembered = cache();
    const answer = Promise.withResolvers<string>();
    const reading = remembered.recall('a', () => answer.promise);
    remembered.forget('a');
    answer.resolve('old');
    assert.equal(await reading, 'old');
    assert.equal(remembered.peek('a'), null);
  });

  it('is read once for all who ask meanwhile, and again for who asks after it was changed', async () => {
    const remembered = cache();
    let reads = 0;
    const answers = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const slow = () => answers[reads++]?.promise ?? Promise.resolve(null);
    const before = [remembered.recall('a', slow), remembered.recall('a', slow)];
    remembered.forget('a');
    const later = remembered.recall('a', slow);
    answers.forEach(({ resolve }, n) => {
      resolve(String(n));
    });
    assert.deepEqual([await Promise.all(before), await later, reads], [['0', '0'], '1', 2]);
    assert.equal(remembered.peek('a'), '1');
    const failing = () => Promise.reject(new Error('gone'));
    await assert.rejects(remembered.recall('c', failing));
    assert.equal(await remembered.recall('c', read('back')), 'back');
  });

  it('is kept when something else was changed while it was read', async () => {
    const remembered = cache();
    const [answer, other] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const reading = [remembered.recall('a', () => answer.promise), remembered.recall('b', () => other.promise)];
    remembered.amend('c', (value) => value);
    remembered.forget('d');
    answer.resolve('old');
    await reading[0];
    remembered.forgetWhere((value) => value === 'new');
    other.resolve('new');
    assert.deepEqual(await Promise.all(reading), ['old', 'new']);
    assert.deepEqual([remembered.peek('a'), remembered.peek('b')], ['old', null]);
  });

  it('is bounded, and nothing at all when switched off', async () => {
    const remembered = cache(true, 2);
    for (const key of ['a', 'b', 'c']) await remembered.recall(key, read(key));
    assert.deepEqual([remembered.peek('a'), remembered.peek('c')], [null, 'c']);
    const off = cache(false);
    await off.recall('a', read('a'));
    assert.equal(off.peek('a'), null);
  });

  it('is forgotten by what it holds', async () => {
    const remembered = cache();
    for (const key of ['a1', 'b', 'a2']) await remembered.recall(key, read(key));
    remembered.forgetWhere((value) => value.startsWith('a'));
    assert.deepEqual([remembered.peek('a1'), remembered.peek('b'), remembered.peek('a2')], [null, 'b', null]);
  });

  it('learns what was read together, as old as that is, unless anything was changed meanwhile', () => {
    const remembered = cache();
    const [early, late] = [remembered.begin(), remembered.begin()];
    now_ms += 999;
    remembered.learn(early, [['a', 'old']]);
    assert.equal(remembered.peek('a'), 'old');
    now_ms += 1;
    assert.equal(remembered.peek('a'), null);
    remembered.forget('b');
    remembered.learn(late, [['b', 'stale']]);
    assert.equal(remembered.peek('b'), null);
    const off = cache(false);
    off.learn(off.begin(), [['a', 'old']]);
    assert.equal(off.peek('a'), null);
  });
});
