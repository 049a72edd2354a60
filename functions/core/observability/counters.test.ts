import assert from 'node:assert/strict';
import { MINUTE_MS } from '../clock.ts';
import { Counters } from './counters.ts';
import { quantile } from './histogram.ts';
import { addCounters, LATENCY_BOUNDS_MS, MAX_DASHBOARDS, noCounters } from './minute-counters.ts';

const START_MS = Date.UTC(2025, 2, 3, 9, 0, 0);

describe('counters', () => {
  let now_ms = START_MS;
  let counters: Counters;

  beforeEach(() => {
    now_ms = START_MS;
    counters = new Counters({ now_ms: () => now_ms });
  });

  it('keep each minute by itself, and the current one until it is over', () => {
    counters.operation('telemetry', true);
    counters.operation('telemetry', false);
    counters.operation('auth', true);
    counters.indexNotReady();
    counters.indexNotReady('audit');
    counters.tenantLeak();
    counters.reads(3);
    counters.dashboard('one');
    counters.lastHundred(42);
    const [first, ...none] = counters.drain();
    assert.deepEqual(none, []);
    assert.deepEqual(first?.concerns, {
      telemetry: { operations: 2, failures: 1, index_not_ready: 1 },
      audit: { operations: 0, failures: 0, index_not_ready: 1 },
      auth: { operations: 1, failures: 0, index_not_ready: 0 },
    });
    assert.deepEqual([first.minute_ms, first.tenant_leaks, first.reads], [START_MS, 1, 3]);
    now_ms += MINUTE_MS - 1;
    counters.reads(4);
    counters.operation('auth', true);
    now_ms += 1;
    counters.reads(5);
    const drained = counters.drain().map(({ minute_ms, reads }) => [minute_ms, reads]);
    assert.deepEqual(drained, [
      [START_MS, 7],
      [START_MS + MINUTE_MS, 5],
    ]);
    assert.deepEqual(
      counters.drain().map(({ minute_ms }) => minute_ms),
      [START_MS + MINUTE_MS],
    );
    assert.deepEqual([first.reads, first.concerns.auth.operations], [3, 1]);
  });

  it('do not open a drained minute anew when the clock is set back', () => {
    counters.reads(1);
    now_ms += MINUTE_MS;
    counters.reads(2);
    counters.drain();
    now_ms -= MINUTE_MS;
    counters.reads(3);
    assert.deepEqual(
      counters.drain().map(({ minute_ms, reads }) => [minute_ms, reads]),
      [[START_MS + MINUTE_MS, 5]],
    );
  });

  it('name no session, and stay small', () => {
    for (let at = 0; at < MAX_DASHBOARDS + 10; at += 1) counters.dashboard(`session-${String(at)}`);
    const [minute] = counters.drain();
    assert.equal(minute?.dashboards.length, MAX_DASHBOARDS);
    assert(!JSON.stringify(minute).includes('session'));
    for (let at = 0; at < 100; at += 1) {
      now_ms += MINUTE_MS;
      counters.reads(1);
    }
    const drained = counters.drain();
    assert.equal(drained.length, 30);
    assert.equal(drained.at(-1)?.minute_ms, now_ms);
  });

  it('of several processes add up, and one dashboard on two of them is one', () => {
    const other = new Counters({ now_ms: () => now_ms });
    for (const [one, latency_ms] of [
      [counters, 100],
      [other, 20_000],
    ] as const) {
      one.operation('audit', false);
      one.reads(2);
      one.dashboard('same');
      one.dashboard(`of ${String(latency_ms)}`);
      one.lastHundred(latency_ms);
    }
    const sum = [...counters.drain(), ...other.drain()].reduce(addCounters, noCounters(START_MS));
    assert.deepEqual(sum.concerns.audit, { operations: 2, failures: 2, index_not_ready: 0 });
    assert.deepEqual([sum.reads, sum.dashboards.length], [4, 3]);
    const counts = sum.last_hundred;
    assert.deepEqual(
      [0.5, 0.95].map((share) => quantile({ bounds: LATENCY_BOUNDS_MS, counts }, share)),
      [100, 10_000],
    );
  });

  it('tell 300 ms from 301 ms', () => {
    const median = (): number => {
      const counts = counters.drain()[0]?.last_hundred ?? [];
      return quantile({ bounds: LATENCY_BOUNDS_MS, counts }, 0.5) ?? NaN;
    };
    counters.lastHundred(300);
    assert.ok(median() <= 300);
    counters.lastHundred(301);
    counters.lastHundred(301);
    assert.ok(median() > 300);
  });
});
