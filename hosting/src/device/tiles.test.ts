import assert from 'node:assert/strict';
import { HOUR_MS, MINUTE_MS } from '@bas/core/clock';
import type { Recent } from './recent.ts';
import { isOutdated, joined, missing, tileStarts, untold, withPage, type Question } from './tiles.ts';

const points = (...times: readonly number[]) =>
  times.map((timestamp_ms) => ({ timestamp_ms, metrics: { a: timestamp_ms } }));
const page = (times: readonly number[], next_cursor: string | null) => ({
  device_id: 'ahu-1',
  points: points(...times),
  next_cursor,
});
const raw: Question = { level: { interval_ms: null, tile_ms: 100 }, aggregate: 'avg' };
const tens: Question = { level: { interval_ms: 10, tile_ms: 100 }, aggregate: 'avg' };
const recent: Recent = { points: points(225, 235, 245), from_ms: 225 };
const asked = (at_ms: number) => ({ at_ms, newest_ms: at_ms });
const own = { start_ms: 100, end_ms: 200 };

describe('history in tiles', () => {
  it('begins where everybody else’s does, the newest first', () => {
    assert.deepEqual(tileStarts({ start_ms: 150, end_ms: 301 }, raw.level), [300, 200, 100]);
    assert.deepEqual(tileStarts({ start_ms: 100, end_ms: 200 }, raw.level), [100]);
  });

  it('is asked for only as far as the newest points do not tell', () => {
    assert.deepEqual(untold({ start_ms: 100, end_ms: 250 }, recent, raw), { start_ms: 100, end_ms: 225 });
    assert.deepEqual(untold({ start_ms: 100, end_ms: 250 }, recent, tens), { start_ms: 100, end_ms: 230 });
    assert.equal(untold({ start_ms: 230, end_ms: 250 }, recent, tens), null);
    assert.equal(untold({ start_ms: 0, end_ms: 250 }, { ...recent, from_ms: -Infinity }, tens), null);
  });

  it('grows by pages towards the past', () => {
    const first = withPage(undefined, own, page([190, 180], 'more'), asked(500));
    assert.deepEqual([first.from_ms, first.cursor, first.points[0]?.timestamp_ms], [180, 'more', 180]);
    const whole = withPage(first, own, page([120], null), asked(600));
    assert.deepEqual([whole.from_ms, whole.cursor, whole.asked.at_ms], [100, null, 500]);
    assert.deepEqual(
      whole.points.map(({ timestamp_ms }) => timestamp_ms),
      [120, 180, 190],
    );
    assert.equal(withPage(undefined, own, page([], 'more'), asked(500)).from_ms, 200);
  });

  it('knows what is missing', () => {
    const needed = { start_ms: 50, end_ms: 400 };
    const part = withPage(undefined, own, page([190, 180], 'more'), asked(500));
    const whole = withPage(undefined, { start_ms: 200, end_ms: 300 }, page([], null), asked(500));
    assert.deepEqual(missing(needed, [whole, part]), [
      { start_ms: 50, end_ms: 180 },
      { start_ms: 300, end_ms: 400 },
    ]);
    assert.deepEqual(missing(needed, []), [needed]);
  });

  it('is joined with the newest points, of whole intervals only, and reaches one value beyond each edge', () => {
    const tile = withPage(undefined, own, page([190, 150, 120, 110], null), asked(500));
    const later = withPage(undefined, { start_ms: 200, end_ms: 300 }, page([230, 220, 200], null), asked(236));
    const times = (question: Question, start_ms: number) =>
      joined({ start_ms, end_ms: 250 }, [later, tile], recent, question).map(({ timestamp_ms }) => timestamp_ms);
    assert.deepEqual(times(tens, 140), [120, 150, 190, 200, 220, 230, 240]);
    assert.deepEqual(times(raw, 195), [190, 200, 220, 225, 235, 245]);
    assert.deepEqual(joined({ start_ms: 225, end_ms: 230 }, [], recent, raw), points(225, 235));
  });

  it('is asked for anew when points came that nothing holds, but not at once', () => {
    const tile = withPage(undefined, { start_ms: 200, end_ms: 300 }, page([], null), { at_ms: 210, newest_ms: 208 });
    assert.equal(isOutdated(tile, recent, tens, 210 + MINUTE_MS), true);
    assert.equal(isOutdated(tile, recent, tens, 211), false);
    assert.equal(isOutdated(tile, { ...recent, points: points(208) }, tens, 210 + MINUTE_MS), false);
  });

  it('is asked for anew after its end, too, when the device had been away and posts what it kept', () => {
    const hour: Question = { level: { interval_ms: null, tile_ms: HOUR_MS }, aggregate: 'avg' };
    const ended = { start_ms: 0, end_ms: HOUR_MS };
    const of = (newest_ms: number) => withPage(undefined, ended, page([], null), { at_ms: 2 * HOUR_MS, newest_ms });
    const later: Recent = { points: points(3 * HOUR_MS), from_ms: 2.9 * HOUR_MS };
    const outdated = (newest_ms: number) => isOutdated(of(newest_ms), later, hour, 3 * HOUR_MS);
    assert.equal(outdated(HOUR_MS / 2), true);
    assert.equal(outdated(HOUR_MS + MINUTE_MS), true, 'points may have been on their way');
    assert.equal(outdated(2 * HOUR_MS - MINUTE_MS), false, 'nothing is asked for twice without need');
  });
});
