import assert from 'node:assert/strict';
import { MINUTE_MS } from '../clock.ts';
import { LATENCY_BOUNDS_MS } from './minute-counters.ts';
import { ServiceCounters, type ServedAnswer } from './service-counters.ts';
import type { ServiceSpan } from './service-counts.ts';

const START_MS = Date.UTC(2026, 2, 2, 10);

describe('service counters', () => {
  let now_ms: number;
  let counters: ServiceCounters;
  let saved: Map<number, ServiceSpan>;
  let saves: number;

  beforeEach(() => {
    now_ms = START_MS;
    counters = new ServiceCounters({ now_ms: () => now_ms });
    saved = new Map();
    saves = 0;
  });

  const keep = () =>
    counters.keep((minutes) => {
      saves += 1;
      for (const minute of minutes) saved.set(minute.start_ms, minute);
      return Promise.resolve();
    });
  const answered = (answer: Partial<ServedAnswer> = {}): void =>
    counters.answered({
      last_hundred: true,
      permission: 'telemetry.read',
      session_id: 'ada',
      reads: 0,
      latency_ms: 20,
      failure: undefined,
      ...answer,
    });

  it('count every door, and as failures only what is ours to answer for', async () => {
    answered();
    answered({ last_hundred: false, permission: undefined, session_id: undefined });
    for (const failure of ['read_budget', 'unauthenticated', 'not_found'] as const) answered({ failure });
    for (const failure of ['internal', 'store_unavailable', 'index_not_ready', 'overloaded'] as const)
      answered({ failure });
    await keep();
    const minute = saved.get(START_MS);
    assert.deepEqual([minute?.requests, minute?.failures], [9, 4]);
  });

  it('time "last 100 points" whatever the store, and nothing else', async () => {
    answered({ latency_ms: 300, reads: 0 });
    answered({ latency_ms: 300.5, reads: 2 });
    answered({ latency_ms: 60_000 });
    answered({ last_hundred: false, latency_ms: 1 });
    await keep();
    const found = saved.get(START_MS)?.last_hundred.flatMap((count, at) => (count > 0 ? [[at, count]] : []));
    const at = (bound_ms: number): number => LATENCY_BOUNDS_MS.indexOf(bound_ms);
    assert.deepEqual(found, [
      [at(300), 1],
      [at(400), 1],
      [LATENCY_BOUNDS_MS.length, 1],
    ]);
  });

  it('tell reads by the minutes in which each dashboard asked', async () => {
    answered({ reads: 3 });
    answered({ reads: 2 });
    answered({ reads: 1, session_id: 'bob' });
    answered({ reads: 9, permission: 'audit.read' });
    now_ms += MINUTE_MS;
    answered({ reads: 4 });
    await keep();
    const told = [...saved.values()].map(({ reads, dashboard_minutes }) => [reads, dashboard_minutes]);
    assert.deepEqual(told, [
      [6, 2],
      [4, 1],
    ]);
  });

  it('hand over a minute whole each time it has changed, and nothing without a change', async () => {
    answered();
    await keep();
    await keep();
    assert.equal(saves, 1);
    answered();
    now_ms += MINUTE_MS;
    await keep();
    assert.equal(saved.get(START_MS)?.requests, 2);
    await keep();
    assert.equal(saves, 2);
  });

  it('hand over again what could not be stored, and what was counted while it was', async () => {
    answered();
    await assert.rejects(counters.keep(() => Promise.reject(new Error('locked'))));
    await counters.keep((minutes) => {
      answered();
      assert.equal(minutes[0]?.requests, 1);
      now_ms += MINUTE_MS;
      return Promise.resolve();
    });
    await keep();
    assert.equal(saved.get(START_MS)?.requests, 2);
  });

  it('keep to half an hour when nobody stores them', async () => {
    for (let minute = 0; minute < 45; minute += 1, now_ms += MINUTE_MS) answered();
    await keep();
    assert.equal(saved.size, 30);
    assert.equal(Math.min(...saved.keys()), START_MS + 15 * MINUTE_MS);
  });

  it('stay in the newest minute when the clock is set back', async () => {
    answered();
    now_ms -= 5 * MINUTE_MS;
    answered();
    await keep();
    assert.deepEqual([...saved.keys()], [START_MS]);
    assert.equal(saved.get(START_MS)?.requests, 2);
  });
});
