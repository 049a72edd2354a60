import assert from 'node:assert/strict';
import { DAY_MS } from '../clock.ts';
import type { Point } from '../model/point.ts';
import { checksumOf, differencesOf, kept } from './differences.ts';

const at = (timestamp_ms: number, metrics = '{"t":1}'): Point => ({ timestamp_ms, metrics });
const device = { tenant_id: 'acme', device_id: 'boiler-1' };

describe('differences of two readings of a bucket', () => {
  it('are none when every point has the same text', () => {
    const points = [at(1), at(2, '{"t":2}')];
    assert.equal(checksumOf(points), checksumOf([...points]));
    assert.deepEqual(differencesOf(device, points, [...points]), []);
  });

  it('show in the checksum: a value, a time, a point more or less, a text that moved to its neighbour', () => {
    const points = [at(1, '{"a":1}'), at(2, '{"a":2}')];
    const others = [
      [at(1, '{"a":1}'), at(2, '{"a":3}')],
      [at(1, '{"a":1}'), at(3, '{"a":2}')],
      [at(1, '{"a":1}')],
      [...points, at(3)],
      [at(1, '{"a":2}'), at(2, '{"a":1}')],
      [],
    ];
    const sums = [points, ...others].map(checksumOf);
    assert.equal(new Set(sums).size, sums.length);
  });

  it('are named one by one, oldest first, with what each side has', () => {
    const ours = [at(1), at(2, '{"t":2}'), at(4)];
    const theirs = [at(2, '{"t":3}'), at(3), at(4)];
    assert.deepEqual(differencesOf(device, ours, theirs), [
      { ...device, timestamp_ms: 1, sqlite: '{"t":1}', firestore: null, fault: null },
      { ...device, timestamp_ms: 2, sqlite: '{"t":2}', firestore: '{"t":3}', fault: null },
      { ...device, timestamp_ms: 3, sqlite: null, firestore: '{"t":1}', fault: null },
    ]);
  });

  it('leave out what has expired', () => {
    const now_ms = 200 * DAY_MS;
    const oldest_ms = now_ms - 90 * DAY_MS;
    const points = [at(oldest_ms - 1), at(oldest_ms), at(now_ms)];
    assert.deepEqual(kept(points, now_ms), points.slice(1));
    assert.deepEqual(kept([], now_ms), []);
    assert.deepEqual(kept(points.slice(1), now_ms), points.slice(1));
  });
});
