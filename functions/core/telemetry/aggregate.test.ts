import assert from 'node:assert/strict';
import { canonicalMetrics, type Metrics, type Point } from '../model/point.ts';
import { Aggregate, aggregatePage } from './aggregate.ts';
import { Problem } from '../errors.ts';
import { Turn, Turns } from '../resilience/turns.ts';
import { collectPage, MAX_PAGE_LENGTH, MAX_SCANNED_POINTS } from './collect.ts';

async function* chunks(points: readonly Point[], size = 2): AsyncGenerator<readonly Point[]> {
  for (let at = 0; at < points.length; at += size) yield await Promise.resolve(points.slice(at, at + size));
}

const turn = new Turn(new Turns());
const point = (timestamp_ms: number, metrics: Metrics): Point => ({ timestamp_ms, metrics: canonicalMetrics(metrics) });
const newestFirst = [
  point(25, { t: 7, on: true }),
  point(21, { t: 3 }),
  point(12, { mode: 'eco' }),
  point(9, { t: 1 }),
  point(5, { t: -4, on: false }),
];

describe('aggregatePage', () => {
  const expected: Record<Aggregate, unknown> = {
    avg: [
      [20, { t: 5 }],
      [0, { t: -1.5 }],
    ],
    min: [
      [20, { t: 3 }],
      [0, { t: -4 }],
    ],
    max: [
      [20, { t: 7 }],
      [0, { t: 1 }],
    ],
    sum: [
      [20, { t: 10 }],
      [0, { t: -3 }],
    ],
    count: [
      [20, { on: 1, t: 2 }],
      [10, { mode: 1 }],
      [0, { on: 1, t: 2 }],
    ],
    first: [
      [20, { on: true, t: 3 }],
      [10, { mode: 'eco' }],
      [0, { on: false, t: -4 }],
    ],
    last: [
      [20, { on: true, t: 7 }],
      [10, { mode: 'eco' }],
      [0, { on: false, t: 1 }],
    ],
  };
  for (const aggregate of Aggregate.options) {
    it(`${aggregate}: intervals align to the epoch, newest first, values that are not numbers only where they count`, async () => {
      const options = { interval_ms: 10, aggregate, limit: 100, names: undefined, turn };
      const page = await aggregatePage(chunks(newestFirst), options);
      const seen = page.points.map(({ timestamp_ms, metrics }) => [timestamp_ms, JSON.parse(metrics) as unknown]);
      assert.deepEqual(seen, expected[aggregate]);
      assert.equal(page.next_before_ms, null);
    });
  }

  it('pages by interval without splitting one, and names where to go on', async () => {
    const options = { interval_ms: 10, aggregate: 'count', limit: 1, names: ['t'], turn } as const;
    const page = await aggregatePage(chunks(newestFirst), options);
    assert.deepEqual(
      page.points.map(({ timestamp_ms }) => timestamp_ms),
      [20],
    );
    assert.equal(page.next_before_ms, 20);
  });

  describe('looks at no more points than a page may', () => {
    let looked = 0;
    const text = canonicalMetrics({ t: 1 });

    /** `counts[i]` points in the interval that starts at `i`, newest interval first. */
    async function* intervals(...counts: readonly number[]): AsyncGenerator<readonly Point[]> {
      for (let at = counts.length - 1; at >= 0; at -= 1) {
        for (let left = counts[at] ?? 0; left > 0; left -= 1_000) {
          const timestamp_ms = at * 10;
          looked += Math.min(left, 1_000);
          yield await Promise.resolve(Array<Point>(Math.min(left, 1_000)).fill({ timestamp_ms, metrics: text }));
        }
      }
    }
    const counts = { interval_ms: 10, aggregate: 'count', limit: 5, names: undefined, turn } as const;
    const most = MAX_SCANNED_POINTS;

    beforeEach(() => {
      looked = 0;
    });

    it('and refuses an interval that alone holds more', async () => {
      const refused = (error: unknown) =>
        error instanceof Problem && error.code === 'malformed_request' && error.detail.includes('shorter interval_ms');
      await assert.rejects(aggregatePage(intervals(3 * most), counts), refused);
      assert(looked <= most + 1_000, `${looked} points`);
    });

    it('and goes on after the intervals that were whole by then', async () => {
      const page = await aggregatePage(intervals(most, 5, 7), counts);
      assert.deepEqual(page, {
        points: [
          { timestamp_ms: 20, metrics: '{"t":7}' },
          { timestamp_ms: 10, metrics: '{"t":5}' },
        ],
        next_before_ms: 10,
      });
      assert(looked <= most + 1_000, `${looked} points`);
    });

    it('and takes an interval that holds just as many', async () => {
      const page = await aggregatePage(intervals(3, most), counts);
      assert.deepEqual(page, { points: [{ timestamp_ms: 10, metrics: `{"t":${most}}` }], next_before_ms: 10 });
      assert.equal((await aggregatePage(intervals(most), counts)).next_before_ms, null);
    });

    it('and goes on below whole intervals that had nothing to answer', async () => {
      const page = await aggregatePage(intervals(most, 5), { ...counts, names: ['other'] });
      assert.deepEqual(page, { points: [], next_before_ms: 10 });
    });
  });

  it('leaves a sum that overflows out instead of answering infinity', async () => {
    const huge = [point(2, { t: 1e308 }), point(1, { t: 1e308 })];
    const page = await aggregatePage(chunks(huge), {
      interval_ms: 10,
      aggregate: 'sum',
      limit: 5,
      names: undefined,
      turn,
    });
    assert.deepEqual(page.points, []);
  });
});

describe('collectPage', () => {
  it('stops at the limit and goes on before the last point', async () => {
    const page = await collectPage(chunks(newestFirst), { limit: 2, names: undefined, turn });
    assert.deepEqual(page.points, newestFirst.slice(0, 2));
    assert.equal(page.next_before_ms, 21);
  });

  it('has no next page when exactly the limit is there', async () => {
    const page = await collectPage(chunks(newestFirst), { limit: 5, names: undefined, turn });
    assert.equal(page.points.length, 5);
    assert.equal(page.next_before_ms, null);
  });

  it('leaves out points without any of the metrics asked for, and other metrics of the rest', async () => {
    const page = await collectPage(chunks(newestFirst), { limit: 10, names: ['on', 'toString'], turn });
    assert.deepEqual(page.points, [point(25, { on: true }), point(5, { on: false })]);
  });

  it('ends a page whose points are large, goes on where it ended, and holds a hundred of the largest', async () => {
    const [text, count] = [`{"t":"${'x'.repeat(20_000)}"}`, 300];
    const large = Array.from({ length: count }, (_unused, at) => ({ timestamp_ms: count - at, metrics: text }));
    const page = await collectPage(chunks(large), { limit: 1_000, names: undefined, turn });
    const fit = Math.ceil(MAX_PAGE_LENGTH / text.length);
    assert.ok(fit > 100 && fit < count);
    assert.deepEqual([page.points.length, page.next_before_ms], [fit, count - fit + 1]);
  });
});
