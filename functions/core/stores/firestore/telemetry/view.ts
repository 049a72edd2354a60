import { MINUTE_MS, SECOND_MS } from '../../../clock.ts';

/** For so long an answer from memory counts as fresh: the bound on how late other instances' points are seen. */
export const FRESHNESS_MS = 10 * SECOND_MS;
/** Older buckets change only by late points, so they may be this old. */
export const OLDER_BUCKETS_MS = 5 * MINUTE_MS;

const MAX_ENTRIES = 64;

interface Entry {
  readonly start_ms: number;
  /** When it was last seen that this bucket is the next one below the entry before it. */
  readonly verified_ms: number;
  /** When this instance's writer added it, by the view's own counter; 0 when it came from a query. */
  readonly noted: number;
}

/** What a query found between `below_ms` (null: the top) and `from_ms`. `whole`: nothing else was there. */
export interface Look {
  readonly starts_ms: readonly number[];
  readonly below_ms: number | null;
  readonly from_ms: number;
  readonly whole: boolean;
  readonly now_ms: number;
  /** `mark()` from before the query: what the writer added since may be missing from the answer. */
  readonly mark: number;
}

/** The remembered part of a walk, newest first. */
export interface Remembrance {
  readonly starts_ms: readonly number[];
  readonly oldest_verified_ms: number;
  /** Whether the store holds nothing older in the range. */
  readonly ends: boolean;
  /** Whether what a query finds below continues this view without a gap. */
  readonly continues: boolean;
}

/**
 * Which buckets of one device are its newest ones, without gaps: only the starts; contents are in the memory. A view
 * makes no claim about time: it says when each part was last seen, and callers say how old that may be.
 */
export class View {
  /** Newest first, no bucket of the store between two of them when they were verified. */
  #entries: Entry[] = [];
  #polled: { readonly at_ms: number; readonly from_ms: number | null } | null = null;
  #polling: Promise<void> | null = null;
  #floor: { readonly from_ms: number; readonly verified_ms: number } | null = null;
  #notes = 0;
  #latest_ms: number | null = null;

  /** The newest bucket this instance ever knew of: a later one is most likely new. */
  get latest_ms(): number | null {
    return this.#latest_ms;
  }

  /** The newest start; null when nothing is known or nothing is there. */
  get newest_ms(): number | null {
    return this.#polled === null ? null : (this.#entries[0]?.start_ms ?? null);
  }

  /** From where a poll must look so that nothing newer is missed; null when there is nothing to continue. */
  get pollFrom_ms(): number | null {
    return this.#entries.length === 0 ? null : (this.#polled?.from_ms ?? null);
  }

  /** How long ago the newest part was seen, or null when never. */
  age_ms(now_ms: number): number | null {
    return this.#polled === null ? null : Math.abs(now_ms - this.#polled.at_ms);
  }

  /** Runs `poll` unless one is under way already: then its outcome serves both. */
  async shared(poll: () => Promise<void>): Promise<void> {
    this.#polling ??= poll().finally(() => {
      this.#polling = null;
    });
    await this.#polling;
  }

  mark(): number {
    return this.#notes;
  }

  know(start_ms: number): void {
    this.#latest_ms = Math.max(this.#latest_ms ?? start_ms, start_ms);
  }

  /** This instance stored points in a bucket: visible here at once. */
  note(start_ms: number): void {
    this.know(start_ms);
    if (this.#entries.some((entry) => entry.start_ms === start_ms)) return;
    const at = this.#entries.findIndex((entry) => entry.start_ms < start_ms);
    const below = at < 0 ? undefined : this.#entries[at];
    const floor = this.#floor !== null && this.#floor.from_ms <= start_ms ? this.#floor : null;
    if (below === undefined && floor === null && this.#polled !== null) return;
    const verified_ms = at === 0 ? this.#polled?.at_ms : (below ?? floor)?.verified_ms;
    this.#notes += 1;
    const entry = { start_ms, verified_ms: verified_ms ?? 0, noted: this.#notes };
    this.#entries.splice(at < 0 ? this.#entries.length : at, 0, entry);
    this.#truncate();
  }

  /** A look from the top down replaces all that was known from its lowest bucket up. */
  lookedAtTop(look: Look): void {
    const [newest] = look.starts_ms;
    const joins = this.pollFrom_ms !== null && look.starts_ms.includes(this.pollFrom_ms);
    const lowest_ms = look.starts_ms.at(-1) ?? look.from_ms;
    const older = joins ? this.#entries.filter((entry) => entry.start_ms < lowest_ms) : [];
    this.#entries = [...this.#merged(look, look.whole && !joins ? look.from_ms : lowest_ms), ...older];
    this.#polled = { at_ms: look.now_ms, from_ms: newest ?? null };
    if (!joins) this.#floor = look.whole ? { from_ms: look.from_ms, verified_ms: look.now_ms } : null;
    if (newest !== undefined) this.know(newest);
    this.#truncate();
  }

  /** A look that went on below what is known. */
  lookedBelow(look: Look): void {
    const below_ms = look.below_ms ?? Infinity;
    const lowest_ms = look.whole ? look.from_ms : (look.starts_ms.at(-1) ?? look.from_ms);
    const newer = this.#entries.filter((entry) => entry.start_ms >= below_ms);
    const older = this.#entries.filter((entry) => entry.start_ms < lowest_ms);
    this.#entries = [...newer, ...this.#merged(look, lowest_ms), ...older];
    if (look.whole && older.length === 0) this.#floor = { from_ms: look.from_ms, verified_ms: look.now_ms };
    this.#truncate();
  }

  /** What is known from `below_ms` down to `from_ms`, as far as it is young enough and `has` says its content is here. */
  walk(
    { below_ms, from_ms }: { readonly below_ms: number; readonly from_ms: number },
    now_ms: number,
    max_age_ms: number,
    has: (start_ms: number) => boolean,
  ): Remembrance {
    const starts_ms: number[] = [];
    let oldest_verified_ms = now_ms;
    const answer = (ends: boolean): Remembrance => {
      const continues = starts_ms.length > 0 || (this.#polled !== null && (this.newest_ms ?? -Infinity) < below_ms);
      return { starts_ms, oldest_verified_ms, ends, continues };
    };
    for (const { start_ms, verified_ms } of this.#entries) {
      if (start_ms >= below_ms) continue;
      if (Math.abs(now_ms - verified_ms) > max_age_ms) return answer(false);
      if (start_ms < from_ms) return answer(true);
      if (!has(start_ms)) return answer(false);
      starts_ms.push(start_ms);
      oldest_verified_ms = Math.min(oldest_verified_ms, verified_ms);
    }
    const { from_ms: floor_ms, verified_ms } = this.#floor ?? { from_ms: Infinity, verified_ms: 0 };
    return answer(floor_ms <= from_ms && Math.abs(now_ms - verified_ms) <= max_age_ms);
  }

  /** The found buckets, and those noted while the query ran. */
  #merged(look: Look, lowest_ms: number): Entry[] {
    const found = look.starts_ms.map((start_ms) => ({ start_ms, verified_ms: look.now_ms, noted: 0 }));
    const noted = this.#entries.filter(
      ({ start_ms, noted }) =>
        noted > look.mark &&
        start_ms >= lowest_ms &&
        start_ms < (look.below_ms ?? Infinity) &&
        !look.starts_ms.includes(start_ms),
    );
    return [...found, ...noted].sort((a, b) => b.start_ms - a.start_ms);
  }

  #truncate(): void {
    if (this.#entries.length <= MAX_ENTRIES) return;
    this.#entries.length = MAX_ENTRIES;
    this.#floor = null;
  }
}
