import assert from 'node:assert/strict';
import { MINUTE_MS, SECOND_MS } from '../clock.ts';
import { Problem } from '../errors.ts';
import { Allowance } from './allowance.ts';
import { DASHBOARD_READS_PER_MINUTE, LONGEST_FRESH_MS, paidPace_ms, steadyPace_ms } from './dashboard-reads.ts';
import { Dashboard } from './dashboards.ts';

const START_MS = 1_750_000_000_000;
describe('the pace of a dashboard', () => {
  it('is unhurried for many and never slower than the longest freshness', () => {
    assert.ok(steadyPace_ms(5) < 10 * SECOND_MS);
    assert.equal(steadyPace_ms(20), MINUTE_MS);
    for (let shown = 1; shown <= 200; shown += 1) {
      assert.ok(steadyPace_ms(shown) <= steadyPace_ms(shown + 1));
      assert.ok(paidPace_ms(4, 1, shown) <= LONGEST_FRESH_MS);
    }
    assert.equal(paidPace_ms(36, 20, 20), MINUTE_MS);
  });
});

describe('an allowance', () => {
  const ask = (dashboard: Dashboard, held_ms: number | null, now_ms = START_MS): Allowance => {
    const allowance = new Allowance(dashboard, now_ms);
    allowance.ask({ question: 'q', device_ids: ['d'], held_ms });
    return allowance;
  };

  it('lets what is known to be dear in when there is room for it, and for the dearest in a minute that is nearly unread', () => {
    const admitted = (used: number, reads: number): boolean => {
      const dashboard = new Dashboard();
      dashboard.ledger.book(START_MS, used);
      return ask(dashboard, null).admit(reads) === 0;
    };
    assert.deepEqual([admitted(21, 26), admitted(22, 26)], [true, false]);
    assert.deepEqual([admitted(7, 1_001), admitted(8, 1_001)], [true, false]);
  });

  it('refuses with 429 beyond the budget, and no longer when it says', () => {
    const dashboard = new Dashboard();
    dashboard.ledger.book(START_MS - 20_500, 50);
    const allowance = ask(dashboard, null);
    assert.ok(allowance.admit() > 0);
    assert.throws(
      () => {
        allowance.requireLook();
      },
      (error) => {
        assert.ok(error instanceof Problem);
        const { code, retry_after_s, members } = error;
        const reset_ms = START_MS + 39_500;
        assert.deepEqual([code, retry_after_s, members], ['read_budget', 40, { limit: 50, used: 50, reset_ms }]);
        return true;
      },
    );
    assert.equal(ask(dashboard, null, START_MS + 40_000).admit(), 0);
  });

  it('has requests that come together not count on the same rest', () => {
    const dashboard = new Dashboard();
    const together = Array.from({ length: 40 }, () => ask(dashboard, null));
    const admitted = together.filter((allowance) => allowance.admit() === 0);
    assert.ok(admitted.length * 2 <= DASHBOARD_READS_PER_MINUTE);
    for (const allowance of together) allowance.settle();
    assert.equal(dashboard.ledger.used(START_MS), 0);
  });

  it('books what was read and no less, however much was taken', () => {
    const dashboard = new Dashboard();
    const allowance = ask(dashboard, null);
    allowance.admit();
    assert.equal(allowance.take(10), true);
    allowance.counted(3);
    assert.equal(allowance.take(100), false);
    allowance.settle();
    assert.equal(dashboard.ledger.used(START_MS), 3);
  });

  it('leaves half to another instance as soon as a tag tells of one', () => {
    const alone = new Dashboard();
    alone.ledger.book(START_MS, 25);
    alone.answered('q', ['d'], START_MS - 1, START_MS - 1);
    assert.equal(ask(alone, START_MS - 1).admit(), 0);
    const shared = new Dashboard();
    shared.ledger.book(START_MS, 25);
    assert.ok(ask(shared, START_MS - 1).admit() > 0);
    assert.equal(ask(shared, null).admit(), 0, 'a first look is not asked again');
  });
});

describe('a dashboard', () => {
  let dashboard: Dashboard;
  const shown = (now_ms: number) => [dashboard.shown(now_ms), dashboard.looks(now_ms)];
  const isShared = () => dashboard.isShared(START_MS);

  beforeEach(() => {
    dashboard = new Dashboard();
  });

  it('shows the devices of its questions until they are asked no more, each question by itself', () => {
    dashboard.asked('a', ['x', 'y'], null, START_MS);
    dashboard.asked('b', ['y'], null, START_MS + SECOND_MS);
    assert.deepEqual(shown(START_MS), [2, 3]);
    dashboard.answered('b', ['y', 'z'], null, START_MS + SECOND_MS);
    assert.deepEqual(shown(START_MS), [3, 4]);
    assert.deepEqual(shown(START_MS + MINUTE_MS), [2, 2]);
    assert.deepEqual(shown(START_MS + MINUTE_MS + SECOND_MS), [1, 0]);
  });

  it('counts them once for all who ask, and no more than make a difference', () => {
    const all = Array.from({ length: 3_000 }, (_, n) => `device-${n}`);
    for (let n = 0; n < 300; n += 1) dashboard.asked(`question ${n}`, all.slice(n, n + 1_000), null, START_MS);
    let sum = 0;
    for (let n = 0; n < 1_000_000; n += 1) sum += dashboard.shown(START_MS);
    assert.equal(sum, 1_000 * 1_000_000);
    assert.equal(dashboard.looks(START_MS), 1_000);
  });

  it('is not taken for shared because of two tabs, nor when one comes back after a while', () => {
    for (let n = 0; n < 5; n += 1) {
      for (const tab of [1, 2]) {
        const [held_ms, now_ms] = [START_MS + n * MINUTE_MS + tab, START_MS + n * MINUTE_MS + MINUTE_MS + tab];
        dashboard.asked('q', ['d'], n === 0 ? null : held_ms, now_ms);
        dashboard.answered('q', ['d'], now_ms, now_ms);
        assert.equal(dashboard.isShared(now_ms), false);
      }
    }
    const later_ms = START_MS + 14 * MINUTE_MS;
    assert.equal(dashboard.shown(later_ms), 1);
    dashboard.asked('q', ['d'], START_MS + 5 * MINUTE_MS + 1, later_ms);
    assert.equal(dashboard.isShared(later_ms), false);
  });

  it('is shared when an answer was given elsewhere, to a question that is known here or is not', () => {
    dashboard.answered('q', ['d'], START_MS + 1, START_MS);
    dashboard.asked('q', ['d'], START_MS + 1, START_MS);
    assert.equal(isShared(), false);
    dashboard.asked('q', ['d'], START_MS + 2, START_MS);
    assert.equal(isShared(), true);
    dashboard = new Dashboard();
    dashboard.asked('q', ['d'], START_MS + 1, START_MS);
    assert.equal(isShared(), true);
  });
});
