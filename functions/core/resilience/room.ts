import { Problem } from '../errors.ts';

export interface RoomLimits {
  readonly size: number;
  /** How many may wait; as many as come when left out. */
  readonly waiting?: number;
  /** Who has waited for so long is refused; nobody when left out. */
  readonly wait_ms?: number;
}

/** What one piece of work holds of a room. */
export interface Place {
  /** It has turned out to need so much, more or less than it took; 0 leaves. */
  resize(amount: number): void;
}

interface Waiter {
  readonly amount: number;
  readonly enter: () => void;
}

/** A bounded amount of something, such as memory, that pieces of work share. Each takes what it may need, in order of arrival. */
export class Room {
  readonly #limits: RoomLimits;
  readonly #waiting: Waiter[] = [];
  #taken = 0;

  constructor(limits: RoomLimits) {
    this.#limits = limits;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Waits for `amount`; who needs more than there is has all of it alone. `overloaded` when too many wait, or for too long. */
  async take(amount: number): Promise<Place> {
    const { size, waiting = Infinity } = this.#limits;
    let held = Math.min(amount, size);
    if (this.#waiting.length === 0 && this.#fits(held)) this.#taken += held;
    else if (this.#waiting.length >= waiting) throw overloaded();
    else await this.#turn(held);
    const resize = (next: number): void => {
      this.#taken += next - held;
      held = next;
      this.#admit();
    };
    return { resize };
  }

  #fits(amount: number): boolean {
    return this.#taken + amount <= this.#limits.size;
  }

  #turn(amount: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const { wait_ms } = this.#limits;
      const tooLong = (): void => this.#refuse(waiter, reject);
      const timer = wait_ms === undefined ? undefined : setTimeout(tooLong, wait_ms);
      const enter = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const waiter = { amount, enter };
      this.#waiting.push(waiter);
    });
  }

  #refuse(waiter: Waiter, reject: (problem: Problem) => void): void {
    this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
    reject(overloaded());
    this.#admit();
  }

  /** Hands what is free to whoever waits longest, so nobody who comes now can be faster. */
  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.amount); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#taken += next.amount;
      next.enter();
    }
  }
}

function overloaded(): Problem {
  return new Problem('overloaded', 'Too many at this moment; try again shortly.', { retry_after_s: 2 });
}
