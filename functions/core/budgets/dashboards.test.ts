/** The formula and the ledger alone, by a simulation: devices are asked for every 5 s, and nothing is stored anywhere. */
import assert from 'node:assert/strict';
import { MINUTE_MS, SECOND_MS } from '../clock.ts';
import { Problem } from '../errors.ts';
import { Allowance } from './allowance.ts';
import { DASHBOARD_READS_PER_MINUTE, LONGEST_FRESH_MS, paidPace_ms, steadyPace_ms } from './dashboard-reads.ts';
import { Dashboard, Dashboards } from './dashboards.ts';

const START_MS = 1_750_000_000_000;
const BUCKET_MS = 60 * MINUTE_MS;
const FRESH_MS = 10 * SECOND_MS;

/** What an instance remembers of a device: when it read its document, its newest bucket and the one before. */
interface Known {
  device_ms: number;
  newest_ms: number;
  older_ms: number;
}

class Instance {
  readonly #dashboards = new Dashboards();
  readonly #known = new Map<string, Known>();
  #session_ms = -Infinity;

  /** What a poll of one device reads, and until when its answer holds; null when it was refused. */
  poll(device_id: string, held_ms: number | null, now_ms: number): { reads: number; until_ms: number | null } {
    const session_reads = now_ms - this.#session_ms >= 30 * SECOND_MS ? 1 : 0;
    if (session_reads > 0) this.#session_ms = now_ms;
    const allowance = this.#dashboards.allowance('s', now_ms, session_reads);
    allowance.ask({ question: device_id, device_ids: [device_id], held_ms });
    const fresh = held_ms !== null && held_ms > now_ms;
    const wait_ms = fresh ? held_ms - now_ms : allowance.admit();
    const reads = wait_ms > 0 ? 0 : this.#look(device_id, now_ms, allowance);
    const refused = wait_ms > 0 && held_ms === null;
    const until_ms = refused
      ? null
      : now_ms + (wait_ms || Math.max(FRESH_MS, allowance.pace_ms, allowance.paid_ms([device_id])));
    allowance.answered([device_id], until_ms);
    allowance.settle();
    return { reads: reads + session_reads, until_ms };
  }

  #look(device_id: string, now_ms: number, allowance: Allowance): number {
    const known = this.#known.get(device_id);
    let reads = 0;
    const read = (count: number): void => {
      allowance.counted(count);
      reads += count;
    };
    if (known === undefined || now_ms - known.device_ms >= 5 * MINUTE_MS) read(1);
    const device_ms = reads > 0 || known === undefined ? now_ms : known.device_ms;
    const rolled_over = known !== undefined && Math.floor(now_ms / BUCKET_MS) > Math.floor(known.newest_ms / BUCKET_MS);
    if (known === undefined || allowance.take(rolled_over ? 2 : 1)) read(rolled_over ? 2 : 1);
    let older_ms = known?.older_ms ?? now_ms;
    if (now_ms - older_ms > Math.max(5 * MINUTE_MS, allowance.pace_ms) && allowance.take(1)) {
      read(1);
      older_ms = now_ms;
    }
    this.#known.set(device_id, { device_ms, newest_ms: now_ms, older_ms });
    return reads;
  }
}

interface Outcome {
  readonly worst: number;
  readonly refused_after_opening: number;
}

/** Eighty minutes of a page, a new bucket for every device among them; what its opening takes is left out when there is more on it than a minute's budget. */
function simulate(shown: number, instances: number): Outcome {
  const all = Array.from({ length: instances }, () => new Instance());
  const held = new Map<string, number>();
  const log: number[] = [];
  const opening_ms = Math.ceil((shown * 4) / DASHBOARD_READS_PER_MINUTE) * MINUTE_MS + LONGEST_FRESH_MS;
  let refused_after_opening = 0;
  let turn = 0;
  for (let at_ms = 0; at_ms < 80 * MINUTE_MS; at_ms += 5 * SECOND_MS) {
    let reads = 0;
    for (let n = 0; n < shown; n += 1) {
      // Any instance, and never the same order.
      turn = (turn * 31 + n + 7) % 10_007;
      const id = `device-${n}`;
      const { reads: cost = 0, until_ms = null } =
        all[turn % instances]?.poll(id, held.get(id) ?? null, START_MS + at_ms) ?? {};
      reads += cost;
      if (until_ms !== null) held.set(id, until_ms);
      else if (at_ms > opening_ms) refused_after_opening += 1;
    }
    log.push(reads);
  }
  const from = instances > 1 && shown > 20 ? opening_ms / (5 * SECOND_MS) : 0;
  const minutes = log.slice(from).map((_, at) => log.slice(from + at, from + at + 12).reduce((sum, n) => sum + n, 0));
  return { worst: Math.max(...minutes), refused_after_opening };
}

describe('the pace of a dashboard', () => {
  for (const instances of [1, 2]) {
    it(`keeps 1 to 200 devices within the budget, with ${instances} instance${instances === 1 ? '' : 's'}`, () => {
      for (const shown of [1, 2, 3, 5, 8, 10, 13, 16, 20, 24, 27, 30, 40, 60, 80, 120, 160, 200]) {
        const { worst, refused_after_opening } = simulate(shown, instances);
        assert.ok(worst <= DASHBOARD_READS_PER_MINUTE, `${shown} devices: ${worst} reads in a minute`);
        assert.equal(refused_after_opening, 0, `${shown} devices`);
      }
    });
  }

  it('is unhurried for many and never slower than the longest freshness', () => {
    assert.ok(steadyPace_ms(5) < FRESH_MS);
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
