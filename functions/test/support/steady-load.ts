/** Requests at a steady rate, whatever becomes of them: nobody waits for an answer before sending the next. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './client.ts';

export interface Told {
  /** When it was sent and how long it took, in ms of one clock. */
  readonly sent_ms: number;
  readonly took_ms: number;
  readonly number: number;
  readonly answer: Answer;
}

export class SteadyLoad {
  readonly told: Told[] = [];
  readonly #send: (number: number) => Promise<Answer>;
  readonly #every_ms: number;
  readonly #under_way = new Set<Promise<void>>();
  #sent = 0;
  #stopped = false;
  #running: Promise<void>;

  constructor(per_second: number, send: (number: number) => Promise<Answer>) {
    this.#send = send;
    this.#every_ms = 1_000 / per_second;
    this.#running = this.#run();
  }

  /** Those sent in a span of time, as `performance.now()` tells it. */
  between(from_ms: number, until_ms = Infinity): readonly Told[] {
    return this.told.filter(({ sent_ms }) => sent_ms >= from_ms && sent_ms < until_ms);
  }

  /** Sends no more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await Promise.all(this.#under_way);
  }

  async #run(): Promise<void> {
    const started_ms = performance.now();
    while (!this.#stopped) {
      const due = Math.floor((performance.now() - started_ms) / this.#every_ms);
      while (this.#sent < due) this.#sendOne();
      await sleep(this.#every_ms);
    }
  }

  #sendOne(): void {
    const number = (this.#sent += 1);
    const sent_ms = performance.now();
    const one = this.#send(number).then((answer) => {
      this.told.push({ sent_ms, took_ms: performance.now() - sent_ms, number, answer });
      this.#under_way.delete(one);
    });
    this.#under_way.add(one);
  }
}
