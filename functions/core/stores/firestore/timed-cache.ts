import type { Clock } from '../../clock.ts';

export interface TimedCacheOptions {
  readonly clock: Clock;
  readonly ttl_ms: number;
  readonly max_entries: number;
  readonly enabled: boolean;
}

interface Entry<T> {
  readonly value: T;
  readonly read_ms: number;
}

/** When a look began, and after how many changes. */
export interface Begun {
  readonly changes: number;
  readonly read_ms: number;
}

/** What one instance may answer from memory for a bounded time. Absence is never remembered. */
export class TimedCache<T> {
  readonly #options: TimedCacheOptions;
  readonly #entries = new Map<string, Entry<T>>();
  /** Those that nothing has changed since they began: what began before a change must not bring the old value back. */
  readonly #reading = new Map<string, Promise<T | null>>();
  #changes = 0;

  constructor(options: TimedCacheOptions) {
    this.#options = options;
  }

  peek(key: string): T | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    const age_ms = this.#options.clock.now_ms() - entry.read_ms;
    if (age_ms >= 0 && age_ms < this.#options.ttl_ms) return entry.value;
    this.#entries.delete(key);
    return null;
  }

  /** Those who ask while it is being read share that look, unless something has changed since it began. */
  async recall(key: string, read: () => Promise<T | null>): Promise<T | null> {
    const known = this.peek(key);
    if (known !== null) return known;
    if (!this.#options.enabled) return read();
    const under_way = this.#reading.get(key);
    if (under_way !== undefined) return under_way;
    const read_ms = this.#options.clock.now_ms();
    const answer = read();
    this.#reading.set(key, answer);
    try {
      const value = await answer;
      if (value !== null && this.#isReading(key, answer)) this.#keep(key, { value, read_ms });
      return value;
    } finally {
      if (this.#isReading(key, answer)) this.#reading.delete(key);
    }
  }

  /** Taken before values are read together, to be handed to `learn` with them. */
  begin(): Begun {
    return { changes: this.#changes, read_ms: this.#options.clock.now_ms() };
  }

  /** Values that were read together; none of them when anything was changed since that began. */
  learn({ changes, read_ms }: Begun, values: Iterable<readonly [string, T]>): void {
    if (!this.#options.enabled || changes !== this.#changes) return;
    for (const [key, value] of values) this.#keep(key, { value, read_ms });
  }

  /** A change made here to what is remembered; its age stays, because the rest of the value was not read again. */
  amend(key: string, change: (value: T) => T): void {
    this.#changes += 1;
    this.#reading.delete(key);
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#entries.set(key, { ...entry, value: change(entry.value) });
  }

  forget(key: string): void {
    this.#changes += 1;
    this.#reading.delete(key);
    this.#entries.delete(key);
  }

  /** What is being read may be among them: nobody knows yet. */
  forgetWhere(matches: (value: T) => boolean): void {
    this.#changes += 1;
    this.#reading.clear();
    for (const [key, { value }] of this.#entries) if (matches(value)) this.#entries.delete(key);
  }

  #isReading(key: string, answer: Promise<T | null>): boolean {
    return this.#reading.get(key) === answer;
  }

  #keep(key: string, entry: Entry<T>): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#options.max_entries && oldest !== undefined) this.#entries.delete(oldest);
  }
}
