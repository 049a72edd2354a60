import assert from 'node:assert/strict';
import { MINUTE_MS, SECOND_MS } from '../clock.ts';
import { Problem } from '../errors.ts';
import type { Allowance } from './allowance.ts';
import { DASHBOARD_READS_PER_MINUTE } from './dashboard-reads.ts';
import { Dashboards } from './dashboards.ts';
import { USER_DASHBOARD_READS_PER_MINUTE, USER_OTHER_READS_PER_MINUTE } from './user-reads.ts';

const START_MS = 1_750_000_000_000;

describe('the reads of a user', () => {
  let dashboards: Dashboards;
  beforeEach(() => (dashboards = new Dashboards()));

  const request = (session_id: string, now_ms = START_MS, user_id = 'ada'): Allowance =>
    dashboards.allowance({ tenant_id: 'acme', user_id, session_id }, now_ms, 0);

  /** Asks for telemetry, unknown to the asker, until nothing is left; how much it read. */
  function readAll(session_id: string, user_id?: string): number {
    let reads = 0;
    for (;;) {
      const allowance = request(session_id, START_MS, user_id);
      allowance.ask({ question: 'q', device_ids: ['d'], held_ms: null });
      if (allowance.admit() > 0) return reads;
      allowance.counted(1);
      allowance.settle();
      reads += 1;
    }
  }

  function refusal(work: () => void): Pick<Problem, 'members' | 'retry_after_s'> {
    try {
      work();
    } catch (error) {
      assert.ok(error instanceof Problem && error.code === 'read_budget');
      const { members, retry_after_s } = error;
      return { members, retry_after_s };
    }
    return assert.fail('not refused');
  }

  it('are bounded, however often they sign in', () => {
    const read = Array.from({ length: 40 }, (_, n) => readAll(`session ${n}`));
    const sum = read.reduce((a, b) => a + b, 0);
    assert.ok(sum <= USER_DASHBOARD_READS_PER_MINUTE && sum > USER_DASHBOARD_READS_PER_MINUTE - 10, String(sum));
    assert.ok(readAll('of another', 'bob') > 40);
    const one_more = request('session 40');
    one_more.ask({ question: 'q', device_ids: ['d'], held_ms: null });
    one_more.admit();
    const { members } = refusal(() => {
      one_more.requireLook();
    });
    assert.deepEqual(members, { limit: USER_DASHBOARD_READS_PER_MINUTE, used: sum, reset_ms: START_MS + MINUTE_MS });
  });

  it('leave each of ten dashboards its whole budget', () => {
    const read = Array.from({ length: 10 }, (_, n) => readAll(`session ${n}`));
    assert.deepEqual(new Set(read), new Set([readAll('alone', 'bob')]));
    assert.ok(Math.min(...read) > DASHBOARD_READS_PER_MINUTE - 5);
  });

  it('by other questions have a ceiling of their own, and what went beyond is owed', () => {
    request('a').askOther();
    const last = request('a');
    last.askOther();
    last.counted(USER_OTHER_READS_PER_MINUTE + 1);
    const { members, retry_after_s } = refusal(() => {
      request('b', START_MS + 20 * SECOND_MS).askOther();
    });
    const reset_ms = START_MS + MINUTE_MS;
    assert.deepEqual(members, { limit: USER_OTHER_READS_PER_MINUTE, used: USER_OTHER_READS_PER_MINUTE, reset_ms });
    assert.equal(retry_after_s, 40);
    request('b', reset_ms).askOther();
    request('c', START_MS, 'bob').askOther();
    assert.ok(readAll('d') > 40, 'telemetry is another matter');
  });

  it('are not touched by what is neither, such as posting', () => {
    request('a').counted(2 * USER_OTHER_READS_PER_MINUTE);
    request('b').askOther();
    assert.ok(readAll('b') > 40);
  });
});
