import { setTimeout as sleep } from 'node:timers/promises';

/** A machine that was slow once must not make every refusal slow for ever. */
const LONGEST_MS = 2_000;

/**
 * Holds refusals back until the dearest check seen so far would have ended. Some legacy hashes take longer to check than
 * today's; without this a slow refusal would tell that the account exists and has not signed in since it was migrated.
 */
export class EvenAnswers {
  #dearest_ms = 0;

  learn(took_ms: number): void {
    this.#dearest_ms = Math.min(LONGEST_MS, Math.max(this.#dearest_ms, took_ms));
  }

  async hold(started_ms: number): Promise<void> {
    const left_ms = started_ms + this.#dearest_ms - performance.now();
    if (left_ms > 0) await sleep(left_ms);
  }
}
