import { SECOND_MS } from '../clock.ts';
import { DASHBOARD_READS_PER_MINUTE, paidPace_ms, steadyPace_ms } from './dashboard-reads.ts';
import type { Dashboard } from './dashboards.ts';
import type { Ledger } from './read-ledger.ts';
import { NestedLedger, readBudget } from './user-reads.ts';

/** Up to here new questions are answered; the rest is for session checks that may still come. */
const MOST = DASHBOARD_READS_PER_MINUTE - 3;
/** Up to here a question is asked again whose last answer the asker still has. */
const AGAIN = 43;
/**
 * The same when another instance does so too, and what one such question may take then. One about most of what is on screen
 * has no other beside it: its own pace keeps it apart from the one before.
 */
const AGAIN_SHARED = 19;
const MOST_SHARED = 24;
const MOST_OF_ONE = 40;
/** A look at a device that nothing is known of: the device and a bucket. */
const LOOK = 2;
/** What is known to cost more waits for no more than this to be free: else it would wait for ever. */
const WHOLE = 40;

/** What a question may count on when it needs more than a look. */
const SHARE = 24;
const LESS = 'Show fewer devices at once, and send the ETag of the last answer with If-None-Match.';

interface Asked {
  readonly question: string;
  /** Null when it is about all devices of the tenant, whichever those are. */
  readonly device_ids: readonly string[] | null;
  /** The limit of freshness of the answer that the asker has already; null when it has none. */
  readonly held_ms: number | null;
}

/**
 * What one request may read. Reads are taken before they are made, so that requests that come together do not all count
 * on the same rest; what was taken in vain is given back at the end.
 */
export class Allowance {
  readonly #dashboard: Dashboard;
  readonly #now_ms: number;
  /** The dashboard's, and with what is asked the user's as well. */
  #ledger: Ledger;
  #asked: Asked | null = null;
  #admitted = true;
  /** What must be free for it to be admitted. */
  #needs = LOOK;
  /** Set aside for whatever comes, and taken for reads that are under way. */
  #aside = 0;
  #taken = 0;
  #reads = 0;

  constructor(dashboard: Dashboard, now_ms: number) {
    this.#dashboard = dashboard;
    this.#now_ms = now_ms;
    this.#ledger = dashboard.ledger;
  }

  /** From here on the request is a telemetry question, which the budget may refuse. */
  ask(asked: Asked): void {
    this.#asked = asked;
    this.#ledger = new NestedLedger(this.#dashboard.ledger, this.#dashboard.user.dashboards);
    this.#dashboard.asked(asked.question, asked.device_ids, asked.held_ms, this.#now_ms);
  }

  /** From here on the request is a question about something else: 429 when its user has read too much by such. */
  askOther(): void {
    const { ledger, user } = this.#dashboard;
    const { others } = user;
    if (others.used(this.#now_ms) >= others.limit) {
      const reset_ms = others.freeAt_ms(this.#now_ms, others.limit - 1);
      throw readBudget(others, this.#now_ms, reset_ms, 'Wait until then; ask for less, or less often.');
    }
    this.#ledger = new NestedLedger(ledger, others);
  }

  /** How long the asker must wait before the question is worth its `reads`; 0 when it may go on now. */
  admit(reads = LOOK): number {
    this.#needs = Math.min(reads, WHOLE);
    const most = this.#again - this.#needs;
    this.#admitted = this.#ledger.used(this.#now_ms) <= most;
    if (this.#admitted) {
      this.#ledger.book(this.#now_ms, this.#needs);
      this.#aside += this.#needs;
      return 0;
    }
    return Math.max(SECOND_MS, this.#ledger.freeAt_ms(this.#now_ms, most) - this.#now_ms);
  }

  /** Whether anything may be read that can also be done without. */
  get mayRead(): boolean {
    return this.#admitted && this.left > 0;
  }

  /** How long an answer must last with what is on screen now. */
  get pace_ms(): number {
    return steadyPace_ms(this.#looks);
  }

  /** How long an answer about `device_ids` must last for what it has cost. */
  paid_ms(device_ids: readonly string[]): number {
    return paidPace_ms(this.#reads, device_ids.length, Math.max(device_ids.length, this.#looks));
  }

  /** How long until what is remembered may be looked at again. */
  get wait_ms(): number {
    return Math.max(SECOND_MS, this.#ledger.freeAt_ms(this.#now_ms, this.#again - LOOK) - this.#now_ms);
  }

  /** Reads that may still be taken. */
  get left(): number {
    return Math.max(0, this.#most - this.#ledger.used(this.#now_ms)) + this.#aside;
  }

  /** Takes `reads` for something that can also do without. */
  take(reads: number): boolean {
    if (!this.#admitted || reads > this.left) return false;
    const more = Math.max(0, reads - this.#aside);
    this.#ledger.book(this.#now_ms, more);
    this.#aside -= reads - more;
    this.#taken += reads;
    return true;
  }

  /** 429 before a read that the budget does not allow and that nothing remembered can stand in for. */
  requireLook(): void {
    if (this.#admitted) return;
    const reset_ms = this.#ledger.freeAt_ms(this.#now_ms, MOST - this.#needs);
    throw readBudget(this.#ledger.nearest(this.#now_ms), this.#now_ms, reset_ms, LESS);
  }

  /**
   * 429 before a read beyond the budget by a question that has had little of it because of what was read before: it gets more
   * by coming back. One that has had its share is answered whole, and owes what that takes.
   */
  requireShare(): void {
    this.requireLook();
    if (this.#reads >= SHARE) return;
    const reset_ms = this.#ledger.freeAt_ms(this.#now_ms, MOST - SHARE);
    if (reset_ms > this.#now_ms) throw readBudget(this.#ledger.nearest(this.#now_ms), this.#now_ms, reset_ms, LESS);
  }

  /** The meter tells of documents that were read. */
  counted(reads: number): void {
    this.#reads += reads;
    const foreseen = Math.min(reads, this.#taken);
    this.#taken -= foreseen;
    const aside = Math.min(reads - foreseen, this.#aside);
    this.#aside -= aside;
    this.#ledger.book(this.#now_ms, reads - foreseen - aside);
  }

  /** What is on screen, and until when the asker was told that it is fresh. */
  answered(device_ids: readonly string[] | null, until_ms: number | null): void {
    if (this.#asked !== null) this.#dashboard.answered(this.#asked.question, device_ids, until_ms, this.#now_ms);
  }

  /** The request is over. */
  settle(): void {
    this.#ledger.unbook(this.#now_ms, this.#aside + this.#taken);
    this.#aside = 0;
    this.#taken = 0;
  }

  /** Looks in a round: one instance looks once for all questions about a device, two do not know of each other's. */
  get #looks(): number {
    const shared = this.#dashboard.isShared(this.#now_ms);
    return shared ? this.#dashboard.looks(this.#now_ms) : this.#dashboard.shown(this.#now_ms);
  }

  get #asksAgain(): boolean {
    return this.#asked !== null && this.#asked.held_ms !== null;
  }

  get #again(): number {
    if (!this.#asksAgain) return MOST;
    return this.#dashboard.isShared(this.#now_ms) ? AGAIN_SHARED : AGAIN;
  }

  get #most(): number {
    if (!this.#asksAgain || !this.#dashboard.isShared(this.#now_ms)) return MOST;
    const asked = this.#asked?.device_ids?.length ?? Infinity;
    return asked > 1 && asked * 2 > this.#dashboard.looks(this.#now_ms) ? MOST_OF_ONE : MOST_SHARED;
  }
}
