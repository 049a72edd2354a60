import assert from 'node:assert/strict';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@bas/core/clock';
import { endingWith, formatRange, LIVE, moved, parseRange, presetOf, settled, widthOf, zoomed } from './range.ts';

const NOW = 1_795_400_000_000;
const span = { start_ms: NOW - 3 * HOUR_MS, end_ms: NOW - 2 * HOUR_MS };

describe('the time that a chart shows', () => {
  it('is kept by the address', () => {
    for (const text of ['live', 'hour', 'day', 'week', '90-days', 'last-5400000', '1795300000000-1795400000000']) {
      assert.equal(formatRange(parseRange(text)), text);
    }
  });

  it('is live when the address says nothing that can be understood', () => {
    for (const text of [undefined, '', 'toString', '5-4', 'last-', '-5', 'year']) {
      assert.deepEqual(parseRange(text), LIVE, text);
    }
    assert.deepEqual(parseRange('last-1'), { kind: 'last', span_ms: MINUTE_MS });
  });

  it('moves, and stays within what is kept', () => {
    assert.deepEqual(moved(span, -HOUR_MS, NOW), {
      kind: 'fixed',
      start_ms: NOW - 4 * HOUR_MS,
      end_ms: NOW - 3 * HOUR_MS,
    });
    const oldest = moved(span, -200 * DAY_MS, NOW);
    assert.deepEqual(oldest, { kind: 'fixed', start_ms: NOW - 90 * DAY_MS, end_ms: NOW - 90 * DAY_MS + HOUR_MS });
  });

  it('follows the time when it is moved to now, and leaves now by however small a step', () => {
    assert.deepEqual(moved(span, 5 * HOUR_MS, NOW), { kind: 'last', span_ms: HOUR_MS });
    const left = moved({ start_ms: NOW - HOUR_MS, end_ms: NOW }, -1_000, NOW);
    assert.equal(left.kind, 'fixed');
  });

  it('shows the newest point of a device that has been silent for days', () => {
    const newest_ms = NOW - 3 * DAY_MS;
    const range = endingWith(newest_ms, HOUR_MS, NOW);
    assert.ok(range.kind === 'fixed' && range.start_ms < newest_ms && newest_ms < range.end_ms);
    assert.equal(widthOf(range), HOUR_MS);
    assert.deepEqual(endingWith(NOW - MINUTE_MS, HOUR_MS, NOW), { kind: 'last', span_ms: HOUR_MS });
  });

  it('zooms about a place, which stays where it is', () => {
    const at_ms = span.start_ms + HOUR_MS / 4;
    const range = zoomed(span, 0.5, at_ms, NOW);
    assert.ok(range.kind === 'fixed');
    assert.equal(widthOf(range), HOUR_MS / 2);
    assert.equal((at_ms - range.start_ms) / widthOf(range), 1 / 4);
  });

  it('is neither too narrow nor wider than what is kept', () => {
    const narrow = zoomed(span, 1e-9, span.end_ms, NOW);
    assert.ok(narrow.kind === 'fixed' && widthOf(narrow) === MINUTE_MS);
    const wide = zoomed(span, 1e9, span.end_ms, NOW);
    assert.equal(presetOf(wide), '90-days');
    assert.deepEqual(settled({ start_ms: 0, end_ms: NOW + DAY_MS }, NOW), { kind: 'last', span_ms: 90 * DAY_MS });
  });
});
