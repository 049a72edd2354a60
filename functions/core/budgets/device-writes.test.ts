import fc from 'fast-check';
import assert from 'node:assert/strict';
import { DAY_MS, MINUTE_MS } from '../clock.ts';
import { DEVICE_WRITES_PER_MINUTE, MAX_MINUTE_AHEAD_MS, spendWrite, type WriteBudget } from './device-writes.ts';

const MINUTE_START_MS = Date.UTC(2026, 2, 17, 9, 24);

describe("a device's write budget", () => {
  it('grants five in a calendar minute, then says when the next begins', () => {
    let budget: WriteBudget | null = null;
    for (let used = 1; used <= DEVICE_WRITES_PER_MINUTE; used += 1) {
      const granted: WriteBudget = { minute_ms: MINUTE_START_MS, used };
      assert.deepEqual(spendWrite(budget, MINUTE_START_MS + used * 1_000), { kind: 'granted', budget: granted });
      budget = granted;
    }
    const reset_ms = MINUTE_START_MS + MINUTE_MS;
    assert.deepEqual(spendWrite(budget, reset_ms - 1), { kind: 'spent', used: 5, reset_ms });
    const next = spendWrite(budget, reset_ms);
    assert.deepEqual(next, { kind: 'granted', budget: { minute_ms: reset_ms, used: 1 } });
  });

  it('believes a minute at most ten minutes ahead; beyond that its own, whose next five are granted', () => {
    const budgetAhead = (ahead_ms: number) => ({
      minute_ms: MINUTE_START_MS + ahead_ms,
      used: DEVICE_WRITES_PER_MINUTE,
    });
    assert.equal(spendWrite(budgetAhead(MAX_MINUTE_AHEAD_MS), MINUTE_START_MS).kind, 'spent');
    for (const ahead_ms of [MAX_MINUTE_AHEAD_MS + MINUTE_MS, 365 * DAY_MS]) {
      const own = { kind: 'granted', budget: { minute_ms: MINUTE_START_MS, used: 1 } };
      assert.deepEqual(spendWrite(budgetAhead(ahead_ms), MINUTE_START_MS), own);
    }
  });

  it('never grants more than five per minute it counts, whatever the clocks say', () => {
    const clocks = fc.array(fc.integer({ min: -5 * MINUTE_MS, max: 5 * MINUTE_MS }), { maxLength: 200 });
    fc.assert(
      fc.property(clocks, (offsets_ms) => {
        const granted = new Map<number, number>();
        let budget: WriteBudget | null = null;
        let latest_ms = 0;
        for (const offset_ms of offsets_ms) {
          const now_ms = MINUTE_START_MS + offset_ms;
          const decision = spendWrite(budget, now_ms);
          if (decision.kind === 'spent') {
            assert(decision.reset_ms > now_ms);
            continue;
          }
          budget = decision.budget;
          assert(budget.minute_ms >= latest_ms, 'the minute never goes back');
          latest_ms = budget.minute_ms;
          granted.set(latest_ms, (granted.get(latest_ms) ?? 0) + 1);
        }
        assert([...granted.values()].every((count) => count <= DEVICE_WRITES_PER_MINUTE));
      }),
    );
  });
});
