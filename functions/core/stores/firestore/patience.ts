/** How long we wait, how often we try, and who goes first. */
import { setTimeout as sleep } from 'node:timers/promises';
import { tooContended } from './errors.ts';

/** Below any function's own timeout, all tries together. Nobody waits for a document or two as long as for a page. */
export const DEADLINE_MS = 10_000;
export const SHORT_DEADLINE_MS = 5_000;

const MAX_TRIES = 20;
const TRYING_MS = 6_000;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 400;

/** The attempt met a changed store and did nothing. */
export const LOST = Symbol('lost');

/** Repeats an attempt that starts from fresh reads, with decorrelated jitter, until it is not lost. */
export async function untilWon<T>(attempt: () => Promise<T | typeof LOST>): Promise<T> {
  const started = performance.now();
  let pause_ms = FIRST_PAUSE_MS;
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const result = await attempt();
    if (result !== LOST) return result;
    if (performance.now() - started > TRYING_MS) break;
    pause_ms = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS + Math.random() * (pause_ms * 3 - FIRST_PAUSE_MS));
    await sleep(pause_ms);
  }
  throw tooContended();
}

/** One at a time per key within this process, in order of arrival, so that a process never races itself. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<void>>();

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    const turn = Promise.withResolvers<undefined>();
    this.#tails.set(key, turn.promise);
    try {
      if (before !== undefined) await this.#wait(before);
      return await work();
    } finally {
      turn.resolve(undefined);
      if (this.#tails.get(key) === turn.promise) this.#tails.delete(key);
    }
  }

  async #wait(before: Promise<void>): Promise<void> {
    const started = performance.now();
    await before;
    if (performance.now() - started > DEADLINE_MS) throw tooContended();
  }
}
