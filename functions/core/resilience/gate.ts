import { Room } from './room.ts';

export interface GateLimits {
  readonly running: number;
  readonly waiting: number;
  /** Who has waited for so long is refused; nobody when left out. */
  readonly wait_ms?: number;
}

/** Lets a few pieces of work run at a time and a bounded number wait their turn, in order; refuses the rest at once. */
export class Gate {
  readonly #room: Room;

  constructor({ running, ...waiting }: GateLimits) {
    this.#room = new Room({ size: running, ...waiting });
  }

  /** Nothing runs and nothing waits. */
  get idle(): boolean {
    return this.#room.taken === 0;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const place = await this.#room.take(1);
    try {
      return await work();
    } finally {
      place.resize(0);
    }
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
