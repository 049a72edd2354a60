import * as z from 'zod';
import { MINUTE_MS, SECOND_MS, type Clock } from '../clock.ts';
import { stackOf, type Logger } from '../observability/log.ts';
import { loopFacts } from '../observability/outcome.ts';
import type { Journal } from '../stores/journal.ts';
import type { Delivery } from './deliver.ts';

const PAUSE_MS = SECOND_MS;
const LONGEST_PAUSE_MS = MINUTE_MS;
const REMEMBERED_MS = MINUTE_MS;
/** While nothing happens, how often that is written down. */
const SELDOM_MS = 15 * SECOND_MS;

export interface LoopParts {
  readonly delivery: Delivery;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Delivery writes down how it is at least this often; later, no server is at work. */
export const DELIVERING_MS = 2 * MINUTE_MS;

/** How delivery went lately; kept in the box's file, because any of its processes may be asked. */
export const DeliveryState = z.object({
  at_ms: z.number(),
  /** Documents written in the minute before. */
  per_minute: z.number(),
  /** Since when Firestore has not taken what is dirty; null while it does. */
  failing_since_ms: z.number().nullable(),
});
export type DeliveryState = z.infer<typeof DeliveryState>;

/** Delivers again and again until it is stopped. While Firestore is away it asks ever more seldom, and says so once. */
export class DeliveryLoop {
  readonly #parts: LoopParts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;
  #pause_ms = PAUSE_MS;
  #failing_since_ms: number | null = null;
  #remembered_ms = 0;
  #written: { readonly at_ms: number; readonly documents: number }[] = [];

  constructor(parts: LoopParts) {
    this.#parts = parts;
    this.#plan();
  }

  /** Starts nothing more and waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
    // A lease that is left is over by itself.
    await this.#parts.delivery.release().catch(() => undefined);
  }

  #plan(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#pass().finally(() => this.#plan());
    }, this.#pause_ms).unref();
  }

  async #pass(): Promise<void> {
    const { delivery, logger } = this.#parts;
    try {
      const { state, buckets, rows } = await delivery.pass();
      if (this.#failing_since_ms !== null)
        logger.log('INFO', 'delivery to Firestore goes on', loopFacts('delivery', 'success'));
      this.#failing_since_ms = null;
      this.#pause_ms = PAUSE_MS;
      if (state === 'delivered') await this.#remember(buckets + rows);
    } catch (error) {
      await this.#failed(error);
    }
  }

  async #failed(error: unknown): Promise<void> {
    // Whoever stopped it may have closed the file under it.
    if (this.#stopped) return;
    const { clock, logger } = this.#parts;
    if (this.#failing_since_ms === null) {
      this.#failing_since_ms = clock.now_ms();
      logger.log('WARNING', 'delivery to Firestore waits', {
        ...loopFacts('delivery', 'failure'),
        stack: stackOf(error),
      });
    }
    this.#pause_ms = Math.min(LONGEST_PAUSE_MS, this.#pause_ms * (1.5 + Math.random()));
    await this.#remember(0).catch(() => undefined);
  }

  async #remember(documents: number): Promise<void> {
    const { journal, clock } = this.#parts;
    const at_ms = clock.now_ms();
    if (documents === 0 && at_ms - this.#remembered_ms < SELDOM_MS) return;
    this.#remembered_ms = at_ms;
    this.#written.push({ at_ms, documents });
    this.#written = this.#written.filter((one) => one.at_ms > at_ms - REMEMBERED_MS);
    const per_minute = this.#written.reduce((sum, one) => sum + one.documents, 0);
    const state: DeliveryState = { at_ms, per_minute, failing_since_ms: this.#failing_since_ms };
    await journal.save('delivery', state);
  }
}
