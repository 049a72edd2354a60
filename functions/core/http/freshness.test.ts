import assert from 'node:assert/strict';
import { formatETag, hashBody, parseIfNoneMatch, stillFresh } from './freshness.ts';

const NOW_MS = 1_750_000_000_000;
const hash = hashBody('{}');

describe('freshness', () => {
  it('reads back the tag it made, with and without a limit, weak and in a list', () => {
    const limited = { hash, fresh_until_ms: NOW_MS };
    assert.deepEqual(parseIfNoneMatch(formatETag(limited)), [limited]);
    const plain = { hash, fresh_until_ms: null };
    assert.deepEqual(parseIfNoneMatch(`"other", W/${formatETag(plain)}`), [plain]);
  });

  it('holds until its limit and not at it', () => {
    const validators = [{ hash, fresh_until_ms: NOW_MS + 1 }];
    assert.notEqual(stillFresh(validators, NOW_MS), undefined);
    assert.equal(stillFresh(validators, NOW_MS + 1), undefined);
  });

  it('does not believe a limit further ahead than any answer is fresh', () => {
    assert.equal(stillFresh([{ hash, fresh_until_ms: NOW_MS + 86_400_000 }], NOW_MS), undefined);
  });

  it('passes over tags it did not make', () => {
    assert.deepEqual(parseIfNoneMatch('*, "x", "", garbage'), []);
    assert.deepEqual(parseIfNoneMatch(`"${'a'.repeat(5_000)}"`), []);
  });
});
