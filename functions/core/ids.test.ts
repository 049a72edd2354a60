import assert from 'node:assert/strict';
import { systemIds } from './ids.ts';

describe('ids', () => {
  it('make secrets of 256 bits, none of ten thousand twice, every bit as often set as not', () => {
    const secrets = Array.from({ length: 10_000 }, () => systemIds.secret());
    assert.equal(new Set(secrets).size, secrets.length);
    const set = Array<number>(256).fill(0);
    for (const secret of secrets) {
      const bytes = Buffer.from(secret, 'base64url');
      assert.equal(bytes.length, 32);
      for (const bit of set.keys()) set[bit] = (set[bit] ?? 0) + (((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1);
    }
    // Eight standard deviations of a fair coin thrown ten thousand times.
    for (const [bit, times] of set.entries()) assert.ok(Math.abs(times - 5_000) < 400, `bit ${String(bit)}`);
  });
});
