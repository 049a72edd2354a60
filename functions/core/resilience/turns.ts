/** So long a turn lasts: then whatever else there is comes first. */
const TURN_MS = 4;

/**
 * Long pieces of work on the one event loop: one of them goes on in each round, in order, and all else goes between,
 * however many take part.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when it is the caller's turn. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setImmediate(() => this.#pass());
    });
  }

  #pass(): void {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(() => this.#pass());
  }
}

/** One piece of work among those that take turns. */
export class Turn {
  readonly #turns: Turns;
  #since_ms = performance.now();

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  /** It has lasted for as long as it may. */
  get isOver(): boolean {
    return performance.now() - this.#since_ms >= TURN_MS;
  }

  async next(): Promise<void> {
    await this.#turns.next();
    this.#since_ms = performance.now();
  }
}
