import fc from 'fast-check';
import assert from 'node:assert/strict';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../clock.ts';
import {
  BUCKET_WIDTHS_MS,
  WIDTH_CHANGE_NOTICE_MS,
  bucketAt,
  changeWidth,
  firstWidths,
  pointBytes,
  widthForInterval,
  type WidthHistory,
} from './bucket.ts';
import { MAX_CLOCK_AHEAD_MS, oldestKept_ms, TELEMETRY_RETENTION_MS } from './retention.ts';

const NOW_MS = Date.UTC(2026, 2, 17, 9, 24, 30);

describe('bucket width', () => {
  it('is the smallest that holds 120 points', () => {
    const expected = [
      [1, 10 * MINUTE_MS],
      [5 * SECOND_MS, 10 * MINUTE_MS],
      [5 * SECOND_MS + 1, HOUR_MS],
      [30 * SECOND_MS, HOUR_MS],
      [MINUTE_MS, 6 * HOUR_MS],
      [10 * MINUTE_MS, DAY_MS],
      [HOUR_MS, 7 * DAY_MS],
      [DAY_MS, 7 * DAY_MS],
    ] as const;
    for (const [interval_ms, width_ms] of expected) assert.equal(widthForInterval(interval_ms), width_ms);
  });

  it('is 6 hours while the interval is unknown', () => {
    assert.deepEqual(firstWidths(null), [{ from_ms: 0, width_ms: 6 * HOUR_MS }]);
  });

  it('divides the next wider one', () => {
    BUCKET_WIDTHS_MS.forEach((width_ms, i) => {
      assert.equal((BUCKET_WIDTHS_MS[i + 1] ?? width_ms) % width_ms, 0);
    });
  });
});

describe('a change of width', () => {
  it('takes effect at the next common boundary after the notice', () => {
    const narrower = changeWidth(firstWidths(null), SECOND_MS, NOW_MS);
    assert.deepEqual(narrower.at(-1), { from_ms: Date.UTC(2026, 2, 17, 12), width_ms: 10 * MINUTE_MS });
    const wider = changeWidth(firstWidths(SECOND_MS), 10 * MINUTE_MS, NOW_MS);
    assert.deepEqual(wider.at(-1), { from_ms: Date.UTC(2026, 2, 18), width_ms: DAY_MS });
  });

  it('waits for the boundary after next when the next is too near', () => {
    const near_ms = Date.UTC(2026, 2, 17, 12) - WIDTH_CHANGE_NOTICE_MS;
    const [from, later] = [near_ms, near_ms + 1].map((now_ms) => changeWidth(firstWidths(null), 1, now_ms).at(-1));
    assert.equal(from?.from_ms, Date.UTC(2026, 2, 17, 12));
    assert.equal(later?.from_ms, Date.UTC(2026, 2, 17, 18));
  });

  it('leaves time for a device kept in memory for 5 minutes and a clock that is ahead', () => {
    assert(WIDTH_CHANGE_NOTICE_MS >= 5 * MINUTE_MS + MAX_CLOCK_AHEAD_MS);
  });

  it('is none when the width stays', () => {
    assert.deepEqual(changeWidth(firstWidths(null), 2 * MINUTE_MS, NOW_MS), firstWidths(null));
  });

  it('is taken back when the old interval returns before it took effect', () => {
    const changed = changeWidth(firstWidths(null), SECOND_MS, NOW_MS);
    assert.deepEqual(changeWidth(changed, null, NOW_MS + MINUTE_MS), firstWidths(null));
  });
});

describe('the history of widths', () => {
  const changed = changeWidth(firstWidths(null), SECOND_MS, NOW_MS);
  const effective_ms = Date.UTC(2026, 2, 17, 12);
  const expired_ms = effective_ms + TELEMETRY_RETENTION_MS + WIDTH_CHANGE_NOTICE_MS;

  it('drops what is wholly older than the retention, and begins with what the oldest kept instant needs', () => {
    const [first, ...later] = changeWidth(changed, 10 * MINUTE_MS, expired_ms);
    assert.deepEqual(first, { from_ms: 0, width_ms: 10 * MINUTE_MS });
    assert.deepEqual(
      later.map(({ width_ms }) => width_ms),
      [DAY_MS],
    );
    const again = changeWidth(changed, SECOND_MS, expired_ms);
    assert.deepEqual(again, [{ from_ms: 0, width_ms: 10 * MINUTE_MS }]);
  });

  it('keeps a width while anything filed by it may be asked for', () => {
    const kept = changeWidth(changed, 10 * MINUTE_MS, expired_ms - 1);
    assert.deepEqual(kept.slice(0, 2), changed);
  });

  it('does not grow with the changes of years', () => {
    let widths = firstWidths(null);
    for (let day = 0; day < 730; day += 1) {
      widths = changeWidth(widths, day % 2 === 0 ? SECOND_MS : HOUR_MS, NOW_MS + day * DAY_MS);
    }
    assert(widths.length <= 92, `${widths.length} entries`);
  });
});

/** Changes of interval, each some time after the one before. */
const changes = fc.array(
  fc.record({ after_ms: fc.integer({ max: 70 * DAY_MS, min: 0 }), interval_ms: fc.integer({ max: DAY_MS, min: 1 }) }),
  { maxLength: 6 },
);

interface Step {
  readonly now_ms: number;
  readonly widths: WidthHistory;
}

function histories(steps: readonly { after_ms: number; interval_ms: number }[]): readonly [Step, ...Step[]] {
  const all: [Step, ...Step[]] = [{ now_ms: NOW_MS, widths: firstWidths(null) }];
  for (const { after_ms, interval_ms } of steps) {
    const last = all.at(-1) ?? all[0];
    const now_ms = last.now_ms + after_ms;
    all.push({ now_ms, widths: changeWidth(last.widths, interval_ms, now_ms) });
  }
  return all;
}

describe('filing by the history of widths', () => {
  it('puts every instant into exactly one bucket', () => {
    fc.assert(
      fc.property(changes, fc.integer({ min: -60 * DAY_MS, max: 90 * DAY_MS }), (steps, offset_ms) => {
        const { widths } = histories(steps).at(-1) ?? histories([])[0];
        const span = bucketAt(widths, NOW_MS + offset_ms);
        assert(span.start_ms <= NOW_MS + offset_ms && NOW_MS + offset_ms < span.end_ms);
        assert.deepEqual(bucketAt(widths, span.start_ms), span);
        assert.deepEqual(bucketAt(widths, span.end_ms - 1), span);
        assert.equal(bucketAt(widths, span.end_ms).start_ms, span.end_ms);
        assert.equal(bucketAt(widths, span.start_ms - 1).end_ms, span.start_ms);
      }),
    );
  });

  it('never moves an instant that may have been filed already', () => {
    fc.assert(
      fc.property(changes, fc.integer({ min: 0, max: TELEMETRY_RETENTION_MS }), (steps, back_ms) => {
        const all = histories(steps);
        all.forEach(({ widths }, i) => {
          const next = all[i + 1];
          if (next === undefined) return;
          // The newest that a device with a fast clock may send to an instance with an old history.
          const filed_ms = next.now_ms + WIDTH_CHANGE_NOTICE_MS - 1 - back_ms;
          assert(filed_ms >= oldestKept_ms(next.now_ms));
          assert.deepEqual(bucketAt(next.widths, filed_ms), bucketAt(widths, filed_ms));
        });
      }),
    );
  });

  it('reaches the width of the interval that was declared last', () => {
    fc.assert(
      fc.property(changes, (steps) => {
        const last = histories(steps).at(-1);
        const interval_ms = steps.at(-1)?.interval_ms ?? null;
        assert.equal(last?.widths.at(-1)?.width_ms, widthForInterval(interval_ms));
        const starts = last.widths.map(({ from_ms }) => from_ms);
        assert.deepEqual(
          starts,
          [...new Set(starts)].sort((a, b) => a - b),
        );
      }),
    );
  });
});

describe('the size of a point', () => {
  it('counts bytes, not characters', () => {
    assert.equal(pointBytes('{"a":"é"}'), 10 + 12);
  });
});
