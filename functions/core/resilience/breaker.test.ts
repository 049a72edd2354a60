import assert from 'node:assert/strict';
import { SECOND_MS } from '../clock.ts';
import { Problem } from '../errors.ts';
import { Breaker, type BreakerState } from './breaker.ts';

const failure = () => Promise.resolve({ trips: true });
const answer = () => Promise.resolve({ trips: false });

describe('a breaker', () => {
  let now_ms: number;
  let asked: number;
  let states: BreakerState[];
  let breaker: Breaker;

  beforeEach(() => {
    now_ms = 1_000;
    asked = 0;
    states = [];
    breaker = new Breaker({ elapsed_ms: () => now_ms, onChange: (state) => states.push(state) });
  });

  const ask = (attempt: typeof answer) =>
    breaker.run(() => {
      asked += 1;
      return attempt();
    });

  const isRefused = async (): Promise<number> => {
    const before = asked;
    try {
      await ask(answer);
    } catch (error) {
      assert(error instanceof Problem && error.code === 'store_unavailable');
      assert.equal(asked, before);
      return error.retry_after_s ?? 0;
    }
    return assert.fail('it was asked');
  };

  const open = async (): Promise<void> => {
    for (let n = 0; n < 5; n += 1) await ask(failure);
    assert.equal(breaker.state, 'open');
  };

  it('opens after five failures in a row, and not while anything is answered between them', async () => {
    for (let n = 0; n < 4; n += 1) await ask(failure);
    await ask(answer);
    for (let n = 0; n < 4; n += 1) await ask(failure);
    assert.equal(breaker.state, 'closed');
    await ask(failure);
    assert.deepEqual([breaker.state, states], ['open', ['open']]);
    await isRefused();
  });

  it('lets one ask a second later, refuses all others at once meanwhile, and closes by its answer', async () => {
    await open();
    now_ms += SECOND_MS - 1;
    await isRefused();
    now_ms += SECOND_MS + 1;
    const probe = Promise.withResolvers<{ trips: boolean }>();
    const probing = ask(() => probe.promise);
    assert.equal(breaker.state, 'half_open');
    for (let n = 0; n < 20; n += 1) await isRefused();
    probe.resolve({ trips: false });
    await probing;
    assert.deepEqual(states, ['open', 'half_open', 'closed']);
    await ask(answer);
  });

  it('opens again by a probe that fails, for between one and two seconds each time', async () => {
    await open();
    const pauses: number[] = [];
    for (let n = 0; n < 50; n += 1) {
      const opened_ms = now_ms;
      while (breaker.state === 'open') {
        now_ms += 10;
        await ask(failure).catch(() => undefined);
        if (states.at(-2) === 'half_open' && states.at(-1) === 'open') break;
      }
      pauses.push(now_ms - opened_ms);
      states.length = 0;
    }
    assert(Math.min(...pauses) >= SECOND_MS && Math.max(...pauses) <= 2 * SECOND_MS + 10, pauses.join());
    assert(new Set(pauses).size > 10, 'instances that failed together must not come back together');
  });

  it('spreads those it refuses over ten seconds after its probe', async () => {
    await open();
    const told = await Promise.all(Array.from({ length: 1_000 }, isRefused));
    const counts = new Map<number, number>();
    for (const seconds of told) counts.set(seconds, (counts.get(seconds) ?? 0) + 1);
    assert(Math.min(...counts.keys()) >= 1 && Math.max(...counts.keys()) <= 12, [...counts.keys()].join());
    assert(Math.max(...counts.values()) < 200, JSON.stringify([...counts]));
  });

  it('hands on what came although it opened meanwhile', async () => {
    const late = Promise.withResolvers<{ trips: boolean }>();
    const acknowledged = ask(() => late.promise);
    await open();
    const answered = { trips: false };
    late.resolve(answered);
    assert.equal(await acknowledged, answered);
    assert.equal(breaker.state, 'open');
  });

  it('is not opened again by a failure that began before its probe', async () => {
    const [late, probe] = [Promise.withResolvers<{ trips: boolean }>(), Promise.withResolvers<{ trips: boolean }>()];
    const stale = ask(() => late.promise);
    await open();
    now_ms += 2 * SECOND_MS;
    const probing = ask(() => probe.promise);
    late.resolve({ trips: true });
    await stale;
    assert.equal(breaker.state, 'half_open');
    await isRefused();
    probe.resolve({ trips: false });
    await probing;
    assert.deepEqual(states, ['open', 'half_open', 'closed']);
  });
});
