import assert from 'node:assert/strict';
import { MINUTE_MS, SECOND_MS } from '../../clock.ts';
import { AccessRefused, Problem, storeUnavailable } from '../../errors.ts';
import { Outage, type OutageKind } from './outage.ts';

const away = storeUnavailable(new Error('gone'));
const noIndex = new Problem('index_not_ready', 'wait');

describe('an outage of a concern', () => {
  let now_ms: number;
  let told: OutageKind[];
  let outage: Outage;
  beforeEach(() => {
    now_ms = 1_000_000;
    told = [];
    outage = new Outage({ now_ms: () => now_ms }, (kind) => told.push(kind));
  });

  /** Milliseconds until somebody may ask again. */
  const pause = (): number => {
    const started_ms = now_ms;
    while (!outage.mayAsk()) now_ms += 1;
    return now_ms - started_ms;
  };

  it('lets everybody ask while all is well', () => {
    for (let n = 0; n < 5; n += 1) assert(outage.mayAsk());
    outage.answered();
    assert(outage.mayAsk());
    assert(!outage.ongoing);
  });

  it('lets one ask in each pause, and nobody else', () => {
    outage.failed(away);
    assert(!outage.mayAsk());
    assert.equal(pause(), SECOND_MS);
    for (let n = 0; n < 5; n += 1) assert(!outage.mayAsk());
    now_ms += SECOND_MS - 1;
    assert(!outage.mayAsk());
    now_ms += 1;
    assert(outage.mayAsk(), 'a probe that never came back must not be the last one');
  });

  it('waits longer for an index than for a store', () => {
    outage.failed(noIndex);
    assert.equal(pause(), 15 * SECOND_MS);
  });

  it('tells a store that refuses us from one that is away', () => {
    outage.failed(storeUnavailable(new AccessRefused(new Error('7 PERMISSION_DENIED'))));
    assert.deepEqual(told, ['access_refused']);
    assert.equal(pause(), 15 * SECOND_MS);
  });

  it('grows its pauses with jitter, up to two minutes', () => {
    let last = 0;
    const firsts = new Set<number>();
    outage.failed(away);
    for (let n = 0; n < 12; n += 1) {
      const took_ms = pause();
      assert(took_ms >= last, `${String(took_ms)} after ${String(last)}`);
      if (last > 0 && took_ms < 2 * MINUTE_MS) assert(took_ms >= last * 2 && took_ms <= last * 3 + 1);
      last = took_ms;
      if (n === 1) firsts.add(took_ms);
      outage.failed(away);
    }
    assert.equal(last, 2 * MINUTE_MS);
    for (let n = 0; n < 20; n += 1) {
      const other = new Outage({ now_ms: () => now_ms }, () => undefined);
      other.failed(away);
      now_ms += SECOND_MS;
      assert(other.mayAsk());
      other.failed(away);
      const started_ms = now_ms;
      while (!other.mayAsk()) now_ms += 1;
      firsts.add(now_ms - started_ms);
    }
    assert(firsts.size > 5, 'processes that failed together must not come back together');
  });

  it('counts many failures at once as one', () => {
    for (let n = 0; n < 50; n += 1) outage.failed(away);
    assert.equal(pause(), SECOND_MS);
    for (let n = 0; n < 50; n += 1) outage.failed(away);
    assert(pause() <= 3 * SECOND_MS);
    assert.deepEqual(told, ['unavailable']);
  });

  it('is told once, and again when it comes back', () => {
    outage.failed(noIndex);
    pause();
    outage.failed(noIndex);
    assert.deepEqual(told, ['index_not_ready']);
    pause();
    outage.answered();
    assert(outage.mayAsk() && outage.mayAsk());
    outage.failed(away);
    assert.deepEqual(told, ['index_not_ready', 'unavailable']);
    assert.equal(pause(), SECOND_MS);
  });
});
