import assert from 'node:assert/strict';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../clock.ts';
import { isOwnTime, readings, type Controller } from './controller.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 12);
const ROOM: Controller = { device_id: 'room-1', kind: 'room', interval_ms: MINUTE_MS };
const DAY = { after_ms: NOW_MS - DAY_MS, until_ms: NOW_MS, limit: 10_000, zone_ms: 0 };

describe('a controller of the demo', () => {
  it('measures once an interval, and in steps what it measures at once', () => {
    const whole = readings(ROOM, DAY);
    assert.equal(whole.length, 1_440);
    let after_ms = DAY.after_ms;
    const parts: ReturnType<typeof readings> = [];
    for (;;) {
      const part = readings(ROOM, { ...DAY, after_ms, limit: 97 });
      parts.push(...part);
      const last = part.at(-1);
      if (last === undefined) break;
      after_ms = last.timestamp_ms;
    }
    assert.deepEqual(parts, whole);
  });

  it('knows its own readings, and never measures in a whole second', () => {
    for (const { timestamp_ms } of readings(ROOM, DAY)) {
      assert.ok(isOwnTime(ROOM, timestamp_ms));
      assert.ok(!isOwnTime(ROOM, timestamp_ms + 1));
      assert.notEqual(timestamp_ms % SECOND_MS, 0);
    }
  });

  it('lives by the clock of its building', () => {
    const at = (zone_ms: number) => readings(ROOM, { ...DAY, zone_ms }).map(({ metrics }) => metrics);
    assert.deepEqual(at(HOUR_MS).slice(0, -60), at(0).slice(60));
  });

  it('has nothing of an outage, which comes again', () => {
    const outage = { every_ms: 2 * HOUR_MS, lasts_ms: 30 * MINUTE_MS };
    const found = readings({ ...ROOM, outage }, DAY);
    assert.equal(found.length, 1_440 - 12 * 30);
    const all = readings(ROOM, DAY);
    for (const one of found) assert.ok(all.some(({ timestamp_ms }) => timestamp_ms === one.timestamp_ms));
    const gaps = found
      .slice(1)
      .filter(({ timestamp_ms }, at) => timestamp_ms - (found[at]?.timestamp_ms ?? 0) > MINUTE_MS);
    assert.ok(gaps.length >= 11 && gaps.length <= 12, String(gaps.length));
  });
});
