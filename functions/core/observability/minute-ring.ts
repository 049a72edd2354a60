import { MINUTE_MS, type Clock } from '../clock.ts';

/** Minutes that nobody takes away are forgotten, the oldest first. */
const MAX_MINUTES = 30;

/** What a process counts, minute by minute, in bounded memory. */
export class MinuteRing<T> {
  readonly #clock: Clock;
  readonly #open: (minute_ms: number) => T;
  #minutes: { readonly minute_ms: number; readonly counted: T }[] = [];

  constructor(clock: Clock, open: (minute_ms: number) => T) {
    this.#clock = clock;
    this.#open = open;
  }

  /** That of the current minute. */
  get current(): T {
    const minute_ms = this.#current_ms();
    const last = this.#minutes.at(-1);
    // A clock that was set back must not open a minute anew that was taken away already.
    if (last !== undefined && last.minute_ms >= minute_ms) return last.counted;
    const counted = this.#open(minute_ms);
    this.#minutes.push({ minute_ms, counted });
    if (this.#minutes.length > MAX_MINUTES) this.#minutes.shift();
    return counted;
  }

  /** Oldest first. */
  get all(): readonly T[] {
    return this.#minutes.map(({ counted }) => counted);
  }

  /** Forgets the minutes that are over, but for those that must stay. */
  forgetPast(mustStay: (counted: T) => boolean = () => false): void {
    const current_ms = this.#current_ms();
    this.#minutes = this.#minutes.filter(({ minute_ms, counted }) => minute_ms >= current_ms || mustStay(counted));
  }

  #current_ms(): number {
    const now_ms = this.#clock.now_ms();
    return now_ms - (now_ms % MINUTE_MS);
  }
}
