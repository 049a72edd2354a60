import assert from 'node:assert/strict';
import { digestQuestion, formatETag, hashBody, heldAnswer, parseIfNoneMatch } from './freshness.ts';

const NOW_MS = 1_750_000_000_000;
const hash = hashBody('{}');
const question = digestQuestion('acme', 'recentTelemetry', { device_id: 'a' });

describe('freshness', () => {
  it('reads back the tag it made, with and without a limit, weak and in a list', () => {
    const limited = { hash, limit: { until_ms: NOW_MS, question } };
    assert.deepEqual(parseIfNoneMatch(formatETag(limited)), [limited]);
    const plain = { hash, limit: null };
    assert.deepEqual(parseIfNoneMatch(`"other", W/${formatETag(plain)}`), [plain]);
  });

  it('is the one that holds longest, fresh or not', () => {
    const limits = [NOW_MS - 60_000, NOW_MS + 1, NOW_MS - 1].map((until_ms) => ({
      hash,
      limit: { until_ms, question },
    }));
    assert.equal(heldAnswer(limits, question, NOW_MS)?.limit.until_ms, NOW_MS + 1);
    assert.equal(heldAnswer(limits.slice(0, 1), question, NOW_MS)?.limit.until_ms, NOW_MS - 60_000);
    assert.equal(heldAnswer([{ hash, limit: null }], question, NOW_MS), undefined);
  });

  it('does not believe a limit further away than any answer is fresh', () => {
    for (const away_ms of [86_400_000, -86_400_000]) {
      const limit = { until_ms: NOW_MS + away_ms, question };
      assert.equal(heldAnswer([{ hash, limit }], question, NOW_MS), undefined);
    }
  });

  it('is not taken for the answer to another question', () => {
    const validators = [{ hash, limit: { until_ms: NOW_MS + 1, question } }];
    const other = digestQuestion('globex', 'recentTelemetry', { device_id: 'a' });
    assert.equal(heldAnswer(validators, other, NOW_MS), undefined);
  });

  it('passes over tags it did not make', () => {
    assert.deepEqual(parseIfNoneMatch('*, "x", "", garbage'), []);
    assert.deepEqual(parseIfNoneMatch(`"${'a'.repeat(5_000)}"`), []);
  });
});
