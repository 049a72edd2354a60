import { MINUTE_MS, SECOND_MS } from '../clock.ts';

/** What is owed for longer than this is forgiven; an entry further ahead was made by a clock that was wrong. */
const LONGEST_DEBT_MS = 15 * MINUTE_MS;

interface Entry {
  at_ms: number;
  reads: number;
}

/** Where reads are booked. */
export interface Ledger {
  used(now_ms: number): number;
  book(now_ms: number, reads: number): void;
  unbook(at_ms: number, reads: number): void;
  freeAt_ms(now_ms: number, most: number): number;
  /** The ledger whose limit is the nearest: itself, unless it stands within another. */
  nearest(now_ms: number): ReadLedger;
}

/** Reads of the last sixty seconds. What goes beyond the limit at once is owed by the minutes that follow. */
export class ReadLedger implements Ledger {
  readonly limit: number;
  /** One a second, by the second. */
  readonly #entries = new Map<number, Entry>();

  constructor(limit: number) {
    this.limit = limit;
  }

  used(now_ms: number): number {
    let sum = 0;
    for (const { at_ms, reads } of this.#entries.values()) {
      if (at_ms > now_ms - MINUTE_MS && at_ms <= now_ms) sum += reads;
    }
    return sum;
  }

  book(now_ms: number, reads: number): void {
    this.#forget(now_ms);
    let left = reads;
    for (let at_ms = now_ms; left > 0 && at_ms <= now_ms + LONGEST_DEBT_MS; at_ms += MINUTE_MS) {
      const fits = Math.min(left, Math.max(0, this.limit - this.used(at_ms)));
      if (fits > 0) this.#add(at_ms, fits);
      left -= fits;
    }
  }

  /** Takes back what was booked at `at_ms` and not read. */
  unbook(at_ms: number, reads: number): void {
    const entry = this.#entries.get(secondOf(at_ms));
    if (entry !== undefined) entry.reads = Math.max(0, entry.reads - reads);
  }

  /** The first instant from `now_ms` on at which no more than `most` are used. */
  freeAt_ms(now_ms: number, most: number): number {
    const ends = [...this.#entries.values()].map(({ at_ms }) => at_ms + MINUTE_MS).filter((at_ms) => at_ms > now_ms);
    return [now_ms, ...ends.sort((a, b) => a - b)].find((at_ms) => this.used(at_ms) <= most) ?? now_ms;
  }

  nearest(): this {
    return this;
  }

  #add(at_ms: number, reads: number): void {
    const second = secondOf(at_ms);
    const entry = this.#entries.get(second) ?? { at_ms, reads: 0 };
    entry.at_ms = Math.max(entry.at_ms, at_ms);
    entry.reads += reads;
    this.#entries.set(second, entry);
  }

  #forget(now_ms: number): void {
    for (const [second, { at_ms }] of this.#entries) {
      if (at_ms <= now_ms - MINUTE_MS || at_ms > now_ms + LONGEST_DEBT_MS) this.#entries.delete(second);
    }
  }
}

function secondOf(at_ms: number): number {
  return Math.floor(at_ms / SECOND_MS);
}
