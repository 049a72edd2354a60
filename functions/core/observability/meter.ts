import type { Allowance } from '../budgets/allowance.ts';

/** What something cost in Firestore documents (SQLite costs nothing), and how many points it stored. */
export interface Counts {
  readonly reads: number;
  readonly writes: number;
  readonly deletes: number;
  readonly points: number;
}

const NOTHING: Counts = { reads: 0, writes: 0, deletes: 0, points: 0 };

/**
 * Counts what one request cost: Firestore documents read and written (SQLite costs nothing), and how old the oldest
 * cached data in its answer is. Stores count where the SDK is called; the endpoint puts the sums into headers.
 */
export class Meter implements Counts {
  reads = 0;
  writes = 0;
  deletes = 0;
  /** Points that a device or a person stored. */
  points = 0;
  /** Whether any store was asked at all: only then do the count headers mean something. */
  touched = false;
  /** Age of the oldest cached data used, in ms; null when nothing came from a cache. */
  cache_age_ms: number | null = null;
  /** How long the answer may be shown before asking again, in ms; set by stores that cost money to ask. */
  fresh_for_ms = 0;
  /** What the request's dashboard may still read; null while the request is none's. */
  allowance: Allowance | null = null;
  #tell: ((counted: Counts) => void) | undefined;

  /** With `tell`, everything is told there as well, as it is counted. */
  constructor(tell?: (counted: Counts) => void) {
    this.#tell = tell;
  }

  countReads(documents: number): void {
    this.touched = true;
    this.count({ reads: documents });
  }

  countWrites(documents: number): void {
    this.touched = true;
    this.count({ writes: documents });
  }

  countDeletes(documents: number): void {
    this.touched = true;
    this.count({ deletes: documents });
  }

  countPoints(points: number): void {
    this.count({ points });
  }

  count(counted: Partial<Counts>): void {
    const { reads, writes, deletes, points } = { ...NOTHING, ...counted };
    this.reads += reads;
    this.allowance?.counted(reads);
    this.writes += writes;
    this.deletes += deletes;
    this.points += points;
    if (reads + writes + deletes + points > 0) this.#tell?.({ reads, writes, deletes, points });
  }

  /** Tells what was counted so far, and from now on what comes late: an answer that nobody waits for is billed too. */
  settle(tell: (counted: Counts) => void): void {
    const { reads, writes, deletes, points } = this;
    this.#tell = tell;
    if (reads + writes + deletes + points > 0) tell({ reads, writes, deletes, points });
  }

  usedCache(age_ms: number): void {
    this.touched = true;
    this.cache_age_ms = Math.max(this.cache_age_ms ?? 0, age_ms);
  }
}
