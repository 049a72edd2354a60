import assert from 'node:assert/strict';
import { verdictOn } from './verdicts.ts';

const STATUSES = Array.from({ length: 17 }, (_, code) => code).slice(1);
const failure = (code: number | string): Error => Object.assign(new Error('x'), { code });
const where = (holds: (verdict: ReturnType<typeof verdictOn>) => boolean): string[] =>
  STATUSES.map((code) => verdictOn(failure(code))).flatMap((verdict) => (holds(verdict) ? [verdict.name] : []));

describe('verdicts on the failures of Firestore', () => {
  it('open the breaker by three of them alone', () => {
    assert.deepEqual(
      where(({ trips }) => trips),
      ['DEADLINE_EXCEEDED', 'INTERNAL', 'UNAVAILABLE'],
    );
  });

  it('try a commit again only where it cannot have begun, or may be found out by its preconditions', () => {
    assert.deepEqual(
      where(({ again }) => again.includes('commit')),
      ['UNAVAILABLE'],
    );
    assert.deepEqual(
      where(({ again }) => again.includes('read')),
      ['INTERNAL', 'UNAVAILABLE'],
    );
  });

  it('are the same on a failure that the SDK was kept from trying again', () => {
    for (const code of STATUSES) assert.equal(verdictOn(failure(String(code))), verdictOn(failure(code)));
  });

  it('are a refusal when there is no token to ask with, unless the network is why', () => {
    const none = (why: string) =>
      Object.assign(new Error(`2 UNKNOWN: Getting metadata from plugin failed with error: ${why}`), { code: '2' });
    assert.equal(verdictOn(none('invalid_grant')).name, 'UNAUTHENTICATED');
    assert.equal(verdictOn(none('getaddrinfo ENOTFOUND oauth2.googleapis.com')).name, 'UNKNOWN');
  });

  it('are a mistake of ours on anything else', () => {
    for (const error of [new TypeError('x'), failure('ENOENT'), failure(3), failure(12), 'x', null]) {
      assert.deepEqual([verdictOn(error).told, verdictOn(error).trips], ['mistake', false]);
    }
  });
});
