import type { Clock } from '@bas/core/clock';

/** Stands still until a test moves it. */
export class MovableClock implements Clock {
  #now_ms: number;

  constructor(now_ms = Date.UTC(2025, 2, 3, 9, 0, 0)) {
    this.#now_ms = now_ms;
  }

  now_ms(): number {
    return this.#now_ms;
  }

  advance(by_ms: number): void {
    this.#now_ms += by_ms;
  }

  set(now_ms: number): void {
    this.#now_ms = now_ms;
  }
}
