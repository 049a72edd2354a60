import { setTimeout as delay } from 'node:timers/promises';

/** What is asked again and again, a few times at once, while something else goes on. */
export class Steady<T> {
  readonly #answers: T[] = [];
  readonly #underWay = new Set<Promise<T>>();
  readonly #work: Promise<unknown>;
  #ended = false;

  constructor(ask: () => Promise<T>, at_once = 2) {
    this.#work = Promise.all(Array.from({ length: at_once }, () => this.#repeat(ask)));
    // A failure is told by whoever waits next.
    this.#work.catch(() => undefined);
  }

  /** Waits for so many more answers. */
  async more(count: number): Promise<void> {
    const enough = this.#answers.length + count;
    while (this.#answers.length < enough) await Promise.race([delay(10), this.#work]);
  }

  /** Waits until what was asked before now is answered. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Asks no more. All answers, the oldest first. */
  async end(): Promise<readonly T[]> {
    this.#ended = true;
    await this.#work;
    return this.#answers;
  }

  async #repeat(ask: () => Promise<T>): Promise<void> {
    while (!this.#ended) {
      const asked = ask();
      this.#underWay.add(asked);
      this.#answers.push(await asked.finally(() => this.#underWay.delete(asked)));
    }
  }
}
