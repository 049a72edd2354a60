import assert from 'node:assert/strict';
import { MINUTE_MS, SECOND_MS } from '../clock.ts';
import { ReadLedger } from './read-ledger.ts';

const NOW_MS = 1_750_000_000_000;

describe('the ledger of reads', () => {
  let ledger: ReadLedger;
  beforeEach(() => {
    ledger = new ReadLedger(50);
  });

  it('counts the last sixty seconds, whenever a minute begins', () => {
    ledger.book(NOW_MS, 20);
    ledger.book(NOW_MS + 59_999, 5);
    assert.equal(ledger.used(NOW_MS + 59_999), 25);
    assert.equal(ledger.used(NOW_MS + MINUTE_MS), 5);
    assert.equal(ledger.used(NOW_MS + 2 * MINUTE_MS), 0);
  });

  it('says when enough is free again', () => {
    ledger.book(NOW_MS, 20);
    ledger.book(NOW_MS + 10 * SECOND_MS, 20);
    const later_ms = NOW_MS + 20 * SECOND_MS;
    assert.equal(ledger.freeAt_ms(later_ms, 40), later_ms);
    assert.equal(ledger.freeAt_ms(later_ms, 39), NOW_MS + MINUTE_MS);
    assert.equal(ledger.freeAt_ms(later_ms, 0), NOW_MS + 70 * SECOND_MS);
  });

  it('carries what goes beyond the limit over to the next minutes', () => {
    ledger.book(NOW_MS, 120);
    assert.deepEqual(
      [0, 1, 2, 3].map((minutes) => ledger.used(NOW_MS + minutes * MINUTE_MS)),
      [50, 50, 20, 0],
    );
    assert.equal(ledger.freeAt_ms(NOW_MS, 48), NOW_MS + 2 * MINUTE_MS);
  });

  it('gives back what was taken in vain', () => {
    ledger.book(NOW_MS, 10);
    ledger.unbook(NOW_MS, 4);
    assert.equal(ledger.used(NOW_MS), 6);
    ledger.unbook(NOW_MS, 10);
    assert.equal(ledger.used(NOW_MS), 0);
  });

  it('is not locked by a clock that was an hour ahead', () => {
    ledger.book(NOW_MS + 60 * MINUTE_MS, 50);
    ledger.book(NOW_MS, 1);
    assert.equal(ledger.used(NOW_MS), 1);
    assert.equal(ledger.used(NOW_MS + 60 * MINUTE_MS), 0);
  });
});
