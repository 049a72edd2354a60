/** The index gate: asks when it is due, remembers the answer, and says when it is another one. */
import { MINUTE_MS, SECOND_MS, type Clock } from '../clock.ts';
import type { FreshFinding } from './findings.ts';
import { stateOf, type GateReport, type GateState } from './report.ts';

const READY_PAUSE_MS = 15 * MINUTE_MS;
const SHORTEST_PAUSE_MS = SECOND_MS;
const LONGEST_PAUSE_MS = 5 * MINUTE_MS;

/** Where the answer is kept: one row of SQLite, or one document. */
export interface GateStore {
  load(): Promise<GateReport | null>;
  save(report: GateReport): Promise<void>;
}

export interface GateParts {
  readonly store: GateStore;
  readonly clock: Clock;
  /** See `GateReport.about`. */
  readonly about: string;
  readonly read: () => Promise<readonly FreshFinding[]>;
  /** From 0 to 1; jitter. */
  readonly random?: () => number;
}

export interface GateCheck {
  readonly report: GateReport;
  /** The state before; null when there was no answer about this database and these requirements. */
  readonly before: GateState | null;
  /** Told to one caller of a check that several wait for, so that it is audited once. */
  readonly changed: boolean;
}

export class IndexGate {
  readonly #parts: GateParts;
  readonly #random: () => number;
  #running: Promise<GateCheck> | undefined;

  constructor(parts: GateParts) {
    this.#parts = parts;
    this.#random = parts.random ?? Math.random;
  }

  /** The last answer, by whichever process; null when there is none about this database and these requirements. */
  async remembered(): Promise<GateReport | null> {
    const report = await this.#parts.store.load();
    return report?.about === this.#parts.about ? report : null;
  }

  /** When `checkIfDue` will ask Firestore next; 0 is at once. */
  async nextCheck_ms(): Promise<number> {
    const report = await this.remembered();
    // An answer from the future: the clock was set back, and would otherwise hold every check up.
    if (report === null || report.checked_ms > this.#parts.clock.now_ms() + LONGEST_PAUSE_MS) return 0;
    return report.next_check_ms;
  }

  /** Asks if it is time to; null when it is not. For schedules and loops. */
  async checkIfDue(): Promise<GateCheck | null> {
    return (await this.nextCheck_ms()) > this.#parts.clock.now_ms() ? null : this.check();
  }

  /** Asks now, or joins who is asking. For a move, which must not trust an old answer. */
  async check(): Promise<GateCheck> {
    if (this.#running !== undefined) return { ...(await this.#running), changed: false };
    this.#running = this.#check();
    try {
      return await this.#running;
    } finally {
      this.#running = undefined;
    }
  }

  async #check(): Promise<GateCheck> {
    const { clock, read, store, about } = this.#parts;
    const fresh = await read();
    const last = await this.remembered();
    const checked_ms = clock.now_ms();
    const state = stateOf(fresh);
    const report: GateReport = {
      state,
      checked_ms,
      next_check_ms: checked_ms + this.#pause_ms(state, last),
      about,
      findings: fresh.map((finding) => ({ ...finding, since_ms: sinceOf(finding, last) ?? checked_ms })),
    };
    await store.save(report);
    return { report, before: last?.state ?? null, changed: last?.state !== state };
  }

  /** Decorrelated jitter while it matters how soon a change is seen, so that many processes never ask in step. */
  #pause_ms(state: GateState, last: GateReport | null): number {
    if (isSettled(state)) return READY_PAUSE_MS;
    const before_ms = last === null || isSettled(last.state) ? SHORTEST_PAUSE_MS : last.next_check_ms - last.checked_ms;
    const span_ms = before_ms * 3 - SHORTEST_PAUSE_MS;
    return Math.round(Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS + this.#random() * span_ms));
  }
}

const isSettled = (state: GateState): boolean => state === 'ready' || state === 'emulator';

function sinceOf({ code, subject }: FreshFinding, last: GateReport | null): number | undefined {
  return last?.findings.find((finding) => finding.code === code && finding.subject === subject)?.since_ms;
}
