import assert from 'node:assert/strict';
import { MINUTE_MS } from '../clock.ts';
import { Counters } from '../observability/counters.ts';
import { MAX_DASHBOARDS, noCounters, type MinuteCounters } from '../observability/minute-counters.ts';
import { firedTriggers, StoredCounters } from './triggers.ts';

const START_MS = Date.UTC(2025, 2, 3, 9, 0, 0);

/** Counts for some minutes as the box does, each at its end, and judges when the last of them is over. */
function judge(minutes: number, count: (counters: Counters, minute: number) => void, by_ms = 0) {
  let now_ms = START_MS;
  const counters = new Counters({ now_ms: () => now_ms });
  for (let minute = 0; minute < minutes; minute += 1) {
    now_ms = START_MS + (minute + 1) * MINUTE_MS - 1;
    count(counters, minute);
  }
  return fired(counters.drain(), now_ms + by_ms);
}

function fired(minutes: readonly MinuteCounters[], now_ms: number) {
  return firedTriggers(minutes, now_ms).map(({ trigger, concerns, to, saw }) => [trigger, concerns.join(), to, saw]);
}

function operations(counters: Counters, total: number, failures: number): void {
  for (let at = 0; at < total; at += 1) counters.operation('audit', at >= failures);
}

describe('the error rate', () => {
  it('rolls its concern back above 2 % of what was tried in 5 minutes', () => {
    const saw = 'audit: 11 of 500 Firestore operations failed in 5 minutes (2.2 %, limit 2 %)';
    const run = () => judge(5, (counters, minute) => operations(counters, 100, minute === 0 ? 11 : 0));
    assert.deepEqual(run(), [['error_rate', 'audit', 'sqlite', saw]]);
  });

  it('may be 2 %, and failures that are older are over', () => {
    assert.deepEqual(
      judge(5, (counters, minute) => operations(counters, 100, minute === 0 ? 10 : 0)),
      [],
    );
    assert.deepEqual(
      judge(6, (counters, minute) => operations(counters, 100, minute === 0 ? 100 : 0)),
      [],
    );
  });

  it('is none before there is something to go by', () => {
    assert.deepEqual(
      judge(1, (counters) => operations(counters, 49, 49)),
      [],
    );
    assert.equal(judge(1, (counters) => operations(counters, 50, 2))[0]?.[0], 'error_rate');
  });
});

describe('an unusable index', () => {
  const at = (minutes: readonly number[]) =>
    judge(5, (counters, minute) => {
      if (minutes.includes(minute)) counters.indexNotReady();
    });

  it('rolls its concern back when two minutes running have met it', () => {
    const saw = 'telemetry: 2 queries in 2 consecutive minutes found no index';
    assert.deepEqual(at([2, 3]), [['index_unusable', 'telemetry', 'sqlite', saw]]);
    assert.equal(at([0, 1, 4]).length, 1);
  });

  it('may be met now and then', () => {
    assert.deepEqual(at([1]), []);
    assert.deepEqual(at([0, 2, 4]), []);
  });
});

describe('a tenant leak', () => {
  it('rolls everything back at the first, what moved last first', () => {
    const saw = 'Firestore gave 1 document of another tenant than the one asked for';
    assert.deepEqual(
      judge(1, (counters) => counters.tenantLeak()),
      [['tenant_leak', 'auth,audit,telemetry', 'sqlite', saw]],
    );
  });

  it('is what comes first when more is wrong', () => {
    const run = judge(2, (counters) => {
      operations(counters, 100, 50);
      counters.indexNotReady();
      counters.tenantLeak();
    });
    assert.deepEqual(
      run.map(([trigger]) => trigger),
      ['tenant_leak', 'index_unusable', 'error_rate'],
    );
  });
});

describe('the read budget', () => {
  const reading = (each: number, dashboards = 2) =>
    judge(5, (counters) => {
      for (let at = 0; at < dashboards; at += 1) counters.dashboard(`dashboard ${String(at)}`);
      counters.reads(each * dashboards);
    });

  it('is exceeded above 50 reads per minute and dashboard, over 5 minutes', () => {
    const saw = '510 documents read for 2 dashboards in 5 minutes (51.0 per minute and dashboard, limit 50)';
    assert.deepEqual(reading(51), [['budget', 'telemetry', 'sqlite', saw]]);
  });

  it('is kept by 50, by a page just opened, and when nobody looks', () => {
    assert.deepEqual(reading(50), []);
    const opened = judge(1, (counters) => {
      counters.dashboard('new');
      counters.reads(250);
    });
    assert.deepEqual(opened, []);
    assert.deepEqual(
      judge(5, (counters) => counters.reads(1_000)),
      [],
    );
  });

  it('is not judged when there are more dashboards than are told apart', () => {
    assert.equal(reading(51, MAX_DASHBOARDS - 1).length, 1);
    assert.deepEqual(reading(51, MAX_DASHBOARDS), []);
  });
});

describe('a service level', () => {
  const fast = (counters: Counters) => {
    for (let at = 0; at < 20; at += 1) counters.lastHundred(at < 11 ? 300 : 800);
  };
  const slowMedian = (counters: Counters) => {
    for (let at = 0; at < 20; at += 1) counters.lastHundred(at < 9 ? 20 : 301);
  };
  const slowTail = (counters: Counters) => {
    for (let at = 0; at < 20; at += 1) counters.lastHundred(at < 18 ? 20 : 12_000);
  };

  it('turns reads round, and only reads, when it was missed for 15 minutes', () => {
    const run = judge(15, (counters, minute) => (minute % 2 === 0 ? slowTail(counters) : slowMedian(counters)), 1);
    const saw =
      '"last 100" was over P50 300 ms or P95 800 ms in each of 15 minutes; ' +
      'in the last one P50 was 19 ms and P95 10000 ms or more';
    assert.deepEqual(run, [['slo', 'telemetry', 'dual', saw]]);
  });

  it('passes over minutes without an answer, unless most are', () => {
    const every = (minutes: number, gap: number) =>
      judge(
        minutes,
        (counters, minute) => {
          if (minute % gap === 0) slowMedian(counters);
        },
        1,
      );
    assert.equal(every(29, 2)[0]?.[0], 'slo');
    assert.deepEqual(every(45, 3), []);
  });

  it('may be missed for 14 minutes, and is kept at 300 and 800 ms', () => {
    assert.deepEqual(judge(14, slowMedian, 1), []);
    assert.deepEqual(
      judge(15, (counters, minute) => (minute === 7 ? fast(counters) : slowMedian(counters)), 1),
      [],
    );
    assert.deepEqual(judge(15, fast, 1), []);
    // The fifteenth minute is not over yet.
    assert.deepEqual(judge(15, slowMedian), []);
  });
});

describe('counters of several processes', () => {
  it('are judged together, as a store gives them back', () => {
    let minutes: MinuteCounters[] = [];
    for (let process = 0; process < 3; process += 1) {
      const counters = new Counters({ now_ms: () => START_MS });
      operations(counters, 20, 1);
      minutes = [...minutes, ...counters.drain()];
    }
    assert.deepEqual(fired(minutes.slice(1), START_MS), []);
    const stored = minutes.map((minute) => StoredCounters.parse(JSON.parse(JSON.stringify(minute))));
    assert.deepEqual(stored, minutes);
    assert.deepEqual(
      fired(stored, START_MS).map(([trigger]) => trigger),
      ['error_rate'],
    );
    assert.throws(() => StoredCounters.parse({ ...noCounters(0), last_hundred: [1] }));
  });
});
