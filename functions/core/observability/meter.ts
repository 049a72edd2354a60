/**
 * Counts what one request cost: Firestore documents read and written (SQLite costs nothing), and how old the oldest
 * cached data in its answer is. Stores count where the SDK is called; the endpoint puts the sums into headers.
 */
export class Meter {
  reads = 0;
  writes = 0;
  deletes = 0;
  /** Whether any store was asked at all: only then do the count headers mean something. */
  touched = false;
  /** Age of the oldest cached data used, in ms; null when nothing came from a cache. */
  cache_age_ms: number | null = null;
  /** How long the answer may be shown before asking again, in ms; set by stores that cost money to ask. */
  fresh_for_ms = 0;

  countReads(documents: number): void {
    this.touched = true;
    this.reads += documents;
  }

  countWrites(documents: number): void {
    this.touched = true;
    this.writes += documents;
  }

  countDeletes(documents: number): void {
    this.touched = true;
    this.deletes += documents;
  }

  usedCache(age_ms: number): void {
    this.touched = true;
    this.cache_age_ms = Math.max(this.cache_age_ms ?? 0, age_ms);
  }
}
