import assert from 'node:assert/strict';
import { digestQuestion, formatETag, hashBody, parseIfNoneMatch, stillFresh } from './freshness.ts';

const NOW_MS = 1_750_000_000_000;
const hash = hashBody('{}');
const question = digestQuestion('acme', 'recentTelemetry', 'device_id=a');

describe('freshness', () => {
  it('reads back the tag it made, with and without a limit, weak and in a list', () => {
    const limited = { hash, limit: { until_ms: NOW_MS, question } };
    assert.deepEqual(parseIfNoneMatch(formatETag(limited)), [limited]);
    const plain = { hash, limit: null };
    assert.deepEqual(parseIfNoneMatch(`"other", W/${formatETag(plain)}`), [plain]);
  });

  it('holds until its limit and not at it', () => {
    const validators = [{ hash, limit: { until_ms: NOW_MS + 1, question } }];
    assert.notEqual(stillFresh(validators, question, NOW_MS), undefined);
    assert.equal(stillFresh(validators, question, NOW_MS + 1), undefined);
  });

  it('does not believe a limit further ahead than any answer is fresh', () => {
    const limit = { until_ms: NOW_MS + 86_400_000, question };
    assert.equal(stillFresh([{ hash, limit }], question, NOW_MS), undefined);
  });

  it('is not taken for the answer to another question', () => {
    const validators = [{ hash, limit: { until_ms: NOW_MS + 1, question } }];
    const other = digestQuestion('globex', 'recentTelemetry', 'device_id=a');
    assert.equal(stillFresh(validators, other, NOW_MS), undefined);
  });

  it('passes over tags it did not make', () => {
    assert.deepEqual(parseIfNoneMatch('*, "x", "", garbage'), []);
    assert.deepEqual(parseIfNoneMatch(`"${'a'.repeat(5_000)}"`), []);
  });
});
