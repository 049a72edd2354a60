import { Problem } from '../errors.ts';

export interface GateLimits {
  readonly running: number;
  readonly waiting: number;
}

/** Lets a few pieces of work run at a time and a bounded number wait their turn, in order; refuses the rest at once. */
export class Gate {
  readonly #limits: GateLimits;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limits: GateLimits) {
    this.#limits = limits;
  }

  /** Nothing runs and nothing waits. */
  get idle(): boolean {
    return this.#running === 0;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #enter(): Promise<void> {
    if (this.#running < this.#limits.running) {
      this.#running += 1;
      return Promise.resolve();
    }
    if (this.#waiting.length >= this.#limits.waiting) {
      throw new Problem('overloaded', 'Too many at this moment; try again shortly.', { retry_after_s: 2 });
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Hands the place to whoever waits longest, so nobody who comes now can be faster. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}

/** A gate for each key, such as one account tried from one network; a key that nobody uses costs nothing. */
export class KeyedGate {
  readonly #limits: GateLimits;
  readonly #gates = new Map<string, Gate>();

  constructor(limits: GateLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#gates.size;
  }

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const gate = this.#gates.get(key) ?? new Gate(this.#limits);
    this.#gates.set(key, gate);
    try {
      return await gate.run(work);
    } finally {
      if (gate.idle) this.#gates.delete(key);
    }
  }
}
