import assert from 'node:assert/strict';
import { billOf, dollarsOf, GIB, MONTH_DAYS, NOTHING, PRICES, type Amounts } from './prices.ts';

const FREE: Amounts = {
  reads: MONTH_DAYS * PRICES.free.reads_per_day,
  writes: MONTH_DAYS * PRICES.free.writes_per_day,
  deletes: MONTH_DAYS * PRICES.free.deletes_per_day,
  ttl_deletes: 0,
  stored_bytes: PRICES.free.stored_bytes,
};
const MILLION = 1_000_000;

/** Of what comes on top of the free tier. */
function priceOf(more: Partial<Amounts>): string {
  const month = { ...FREE };
  for (const name of ['reads', 'writes', 'deletes', 'ttl_deletes', 'stored_bytes'] as const) {
    Object.assign(month, { [name]: FREE[name] + (more[name] ?? 0) });
  }
  return dollarsOf(billOf(month)).toFixed(4);
}

describe('the price of a month', () => {
  it('is nothing within the free tier', () => {
    assert.equal(dollarsOf(billOf(NOTHING)), 0);
    assert.equal(dollarsOf(billOf(FREE)), 0);
  });

  it('is what a million points come to, one document each or 360 in one', () => {
    assert.equal(priceOf({ writes: MILLION }), '0.9000');
    assert.equal(priceOf({ reads: MILLION }), '0.3000');
    assert.equal(priceOf({ ttl_deletes: MILLION }), '0.1000');
    assert.equal(priceOf({ writes: MILLION / 6 }), '0.1500');
    assert.equal(priceOf({ reads: MILLION / 360 }), '0.0008');
    assert.equal(priceOf({ ttl_deletes: MILLION / 360 }), '0.0003');
    assert.equal(priceOf({ deletes: MILLION }), '0.1000');
    assert.equal(priceOf({ stored_bytes: 2 * GIB }), '0.3000');
  });

  it('has a free tier for deletes, but not for those by TTL', () => {
    const count = FREE.deletes;
    assert.equal(dollarsOf(billOf({ ...NOTHING, deletes: count })), 0);
    assert.equal(dollarsOf(billOf({ ...NOTHING, ttl_deletes: count })), 0.06);
  });
});
