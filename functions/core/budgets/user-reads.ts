import { SECOND_MS } from '../clock.ts';
import { Problem } from '../errors.ts';
import { MAX_SESSIONS_PER_USER } from '../model/session-rules.ts';
import { DASHBOARD_READS_PER_MINUTE } from './dashboard-reads.ts';
import { ReadLedger, type Ledger } from './read-ledger.ts';

/**
 * What all dashboards of a user may read together in any minute: each of those that may be open at once has its budget, and
 * signing in again and again brings no more.
 */
export const USER_DASHBOARD_READS_PER_MINUTE = MAX_SESSIONS_PER_USER * DASHBOARD_READS_PER_MINUTE;

/** What a user may read in any minute by questions that are not about telemetry: far more than anybody can look at. */
export const USER_OTHER_READS_PER_MINUTE = 5_000;

/** One user as this instance sees them, whatever session they come with. */
export class UserReads {
  readonly dashboards = new ReadLedger(USER_DASHBOARD_READS_PER_MINUTE);
  readonly others = new ReadLedger(USER_OTHER_READS_PER_MINUTE);
}

/** The reads of a dashboard, and those of its user that it is a part of: whichever is nearer to its limit counts. */
export class NestedLedger implements Ledger {
  readonly #inner: ReadLedger;
  readonly #outer: ReadLedger;

  constructor(inner: ReadLedger, outer: ReadLedger) {
    this.#inner = inner;
    this.#outer = outer;
  }

  /** In terms of the inner one's limit. */
  used(now_ms: number): number {
    return Math.max(this.#inner.used(now_ms), this.#outer.used(now_ms) - this.#apart);
  }

  freeAt_ms(now_ms: number, most: number): number {
    return Math.max(this.#inner.freeAt_ms(now_ms, most), this.#outer.freeAt_ms(now_ms, most + this.#apart));
  }

  book(now_ms: number, reads: number): void {
    this.#inner.book(now_ms, reads);
    this.#outer.book(now_ms, reads);
  }

  unbook(at_ms: number, reads: number): void {
    this.#inner.unbook(at_ms, reads);
    this.#outer.unbook(at_ms, reads);
  }

  nearest(now_ms: number): ReadLedger {
    return this.#outer.used(now_ms) - this.#apart > this.#inner.used(now_ms) ? this.#outer : this.#inner;
  }

  get #apart(): number {
    return this.#outer.limit - this.#inner.limit;
  }
}

/** 429: what `ledger` counts is used up until then. */
export function readBudget(ledger: ReadLedger, now_ms: number, reset_ms: number, detail: string): Problem {
  return new Problem('read_budget', detail, {
    retry_after_s: Math.max(1, Math.ceil((reset_ms - now_ms) / SECOND_MS)),
    members: { limit: ledger.limit, used: ledger.used(now_ms), reset_ms },
  });
}
