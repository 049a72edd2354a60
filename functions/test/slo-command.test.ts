import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@bas/core/clock';
import { countLatency } from '@bas/core/observability/minute-counters';
import { NOTHING_SERVED, type ServiceSpan } from '@bas/core/observability/service-counts';
import { openServiceHistory } from '@bas/core/stores/open';
import { openLocal } from '../../scripts/lib/slo/local.ts';
import { weeklyReport } from '../../scripts/lib/slo/report.ts';
import { measureWeek } from '../../scripts/lib/slo/week.ts';
import { run, type Finished } from './support/command.ts';

const Printed = z.object({
  from_ms: z.number(),
  to_ms: z.number(),
  requests: z.number(),
  failures: z.number(),
  timed: z.number(),
  levels: z.record(z.string(), z.object({ measured: z.number().nullable(), promised: z.number(), kept: z.boolean() })),
  breached: z.array(z.string()),
});

/** Latencies of answers, in ms. */
const FAST = [8, 12, 12, 20, 40];
const SLOW = [8, 320, 350, 390, 390];
const TAIL = [8, 12, 12, 20, 1_200];

describe('npm run slo, on the file of a box', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'bas-slo-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const minute = (start_ms: number, latencies: readonly number[], counts: Partial<ServiceSpan> = {}): ServiceSpan => {
    const last_hundred = [...NOTHING_SERVED.last_hundred];
    for (const one of latencies) countLatency(last_hundred, one);
    const served = { requests: 100, failures: 0, reads: 30, dashboard_minutes: 3, last_hundred };
    return { ...served, start_ms, span_ms: MINUTE_MS, ...counts };
  };
  const minuteAgo = (ago_ms: number, now_ms = Date.now()): number => {
    const then_ms = now_ms - ago_ms;
    return then_ms - (then_ms % MINUTE_MS);
  };

  async function keep(spans: readonly ServiceSpan[], rolled_up_at_ms?: number): Promise<void> {
    const { history, close } = await openServiceHistory(join(folder, 'bas.sqlite'));
    await history.save('made', spans);
    if (rolled_up_at_ms !== undefined) await history.rollUp(rolled_up_at_ms);
    await close();
  }

  const slo = (...args: readonly string[]): Promise<Finished> => run('slo', ['--data', folder, ...args]);

  it('is 0 while everything is kept, and says what was counted', async () => {
    await keep([minute(minuteAgo(5 * MINUTE_MS), FAST), minute(minuteAgo(90 * MINUTE_MS), SLOW)]);
    const { code, stdout, stderr } = await slo();
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^The last 1h, to \d{4}-\d\d-\d\d \d\d:\d\d UTC, from .*bas\.sqlite$/m);
    assert.match(stdout, /^ {2}last 100 points, P50 +17\.5 ms +at most 300 ms +kept$/m);
    assert.match(stdout, /^ {2}availability +100 % +at least 99\.5 % +kept$/m);
    assert.match(stdout, /^ {2}reads a minute and dashboard +10 +at most 50 +kept$/m);
    assert.match(
      stdout,
      /^100 answers, 0 of them failed; 5 of "last 100 points"; 0\.5 documents read a minute\.\nKept\.$/m,
    );
  });

  const breaches = {
    p50_ms: () => [minute(minuteAgo(MINUTE_MS), SLOW)],
    p95_ms: () => [minute(minuteAgo(MINUTE_MS), TAIL)],
    availability: () => [minute(minuteAgo(MINUTE_MS), FAST, { requests: 1_000, failures: 6 })],
    reads: () => [minute(minuteAgo(MINUTE_MS), FAST, { reads: 151 })],
  };
  for (const [level, spans] of Object.entries(breaches)) {
    it(`is 1 when ${level} is breached, and names it alone`, async () => {
      await keep(spans());
      const { code, stdout, stderr } = await slo('--json', '--window', '15m');
      assert.deepEqual([code, stderr], [1, '']);
      const printed = Printed.parse(JSON.parse(stdout));
      assert.deepEqual(printed.breached, [level]);
      assert.equal(printed.levels[level]?.kept, false);
    });
  }

  it('is 0 at the very promise', async () => {
    const exact = { requests: 1_000, failures: 5, reads: 150 };
    await keep([minute(minuteAgo(MINUTE_MS), [300, 300, ...new Array<number>(18).fill(300), 800], exact)]);
    const { code, stdout } = await slo('--json');
    assert.deepEqual([code, Printed.parse(JSON.parse(stdout)).breached], [0, []]);
  });

  it('is 0 without data, and says so', async () => {
    await keep([]);
    const { code, stdout } = await slo();
    assert.equal(code, 0);
    assert.match(stdout, /No data: nobody asked, or nobody counted\.\n$/);
    assert.match(stdout, /P95 +no data +at most 800 ms +not judged$/m);
  });

  it('looks back as far as it is told, over minutes that have become hours too', async () => {
    const spans = [minute(minuteAgo(10 * MINUTE_MS), FAST), minute(minuteAgo(50 * MINUTE_MS), FAST)];
    await keep([...spans, minute(minuteAgo(6 * DAY_MS), FAST), minute(minuteAgo(9 * DAY_MS), FAST)], Date.now());
    for (const [window, requests] of [
      ['15m', 100],
      ['1h', 200],
      ['7d', 300],
      ['35d', 400],
    ] as const) {
      const { stdout } = await slo('--json', '--window', window);
      const printed = Printed.parse(JSON.parse(stdout));
      assert.deepEqual([window, printed.requests], [window, requests]);
    }
  });

  it('reports a week by day, as Markdown', async () => {
    const now_ms = Date.UTC(2026, 2, 16, 9, 30);
    const day = (date: number) => Date.UTC(2026, 2, date, 13);
    await keep(
      [
        minute(day(8), SLOW),
        minute(day(9), FAST, { requests: 1_000, failures: 2 }),
        minute(day(9) + HOUR_MS, FAST, { requests: 3_000 }),
        minute(day(11), TAIL, { requests: 400, failures: 4 }),
        minute(day(12), FAST, { reads: 180 }),
        minute(day(15), FAST),
        minute(Date.UTC(2026, 2, 16, 9), FAST, { failures: 1 }),
      ],
      now_ms,
    );
    const source = await openLocal(folder);
    const report = weeklyReport({ ...(await measureWeek(source, now_ms)), source: 'bas.sqlite' });
    await source.close();
    assert.equal(report, WEEK);
  });

  it('is 1 when the week breached, whatever today does', async () => {
    const midnight_ms = Date.now() - (Date.now() % DAY_MS);
    await keep([minute(midnight_ms - DAY_MS, FAST), minute(minuteAgo(0), FAST, { failures: 50 })]);
    assert.equal((await slo('--weekly')).code, 0);
    await keep([minute(midnight_ms - 2 * DAY_MS, FAST, { failures: 50 })]);
    const { code, stdout } = await slo('--weekly');
    assert.equal(code, 1);
    assert.match(stdout, /^The week: Breached: availability\.$/m);
  });

  it('refuses what it cannot work with in one line, and knows not measured from breached', async () => {
    const wrong = ['--window=0m', '--window=36d', '--window=1w', '--window=', '--endpoint=a:1', '--nonsense', 'extra'];
    for (const args of [...wrong.map((one) => [one]), ['--weekly', '--json'], ['--weekly', '--window', '1h']]) {
      const { code, stdout, stderr } = await slo(...args);
      assert.deepEqual([code, stdout], [2, ''], args.join(' '));
      assert.match(stderr, /^[^\n]+\n$/, args.join(' '));
    }
    const { code, stderr } = await slo();
    assert.equal(code, 3);
    assert.match(stderr, /^There is no data in .*: check --data/);
  });
});

const WEEK = `# Availability, 2026-03-09 to 2026-03-15

Days in UTC; source: bas.sqlite.

| Day | Answers | Failed | Availability | P50 | P95 | Reads a minute and dashboard |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
| Mon 2026-03-09 | 4,000 | 2 | 99.95 % | 17.5 ms | 43.8 ms | 10 |
| Tue 2026-03-10 | 0 | 0 | no data | no data | no data | no data |
| Wed 2026-03-11 | 400 | 4 | 99 % | 17.5 ms | 1375 ms | 10 |
| Thu 2026-03-12 | 100 | 0 | 100 % | 17.5 ms | 43.8 ms | 60 |
| Fri 2026-03-13 | 0 | 0 | no data | no data | no data | no data |
| Sat 2026-03-14 | 0 | 0 | no data | no data | no data | no data |
| Sun 2026-03-15 | 100 | 0 | 100 % | 17.5 ms | 43.8 ms | 10 |
| **Week** | 4,600 | 6 | 99.869 % | 17.5 ms | 48.5 ms | 20 |
| Mon 2026-03-16, so far | 100 | 1 | 99 % | 17.5 ms | 43.8 ms | 10 |

Promised: availability at least 99.5 %, P50 at most 300 ms, P95 at most 800 ms, at most 50 reads.

Failures allowed: 23; used: 6, 26 % of them.

- Wed 2026-03-11 breached: last 100 points, P95 1375 ms; availability 99 %.
- Thu 2026-03-12 breached: reads a minute and dashboard 60.

The week: Kept.`;
