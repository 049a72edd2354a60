import { BrokenDocument, Problem } from '../../errors.ts';
import type { Concern } from '../../model/flags.ts';
import { withDeadline } from '../../resilience/deadline.ts';
import type { Outage, ReadWatch } from './outage.ts';
import { READ_PATIENCE_MS } from './outage.ts';

/** Asks Firestore for one concern's reads while it may be asked, and lets SQLite, which has everything, answer else. */
export class RoutedReads {
  readonly #concern: Concern;
  readonly #outage: Outage;
  readonly #watch: ReadWatch;

  constructor(concern: Concern, outage: Outage, watch: ReadWatch) {
    this.#concern = concern;
    this.#outage = outage;
    this.#watch = watch;
  }

  mayAsk(): boolean {
    return this.#outage.mayAsk();
  }

  async read<T>(fromFirestore: () => Promise<T>, fromSqlite: () => Promise<T>): Promise<T> {
    if (!this.mayAsk()) return fromSqlite();
    try {
      return await this.ask(fromFirestore());
    } catch (error) {
      this.recover(error);
      return fromSqlite();
    }
  }

  /** One answer of Firestore, waited for a bounded time and counted when it came. */
  async ask<T>(answer: Promise<T>): Promise<T> {
    const result = await withDeadline(answer, READ_PATIENCE_MS);
    this.#outage.answered();
    this.#watch.operation(this.#concern, true);
    return result;
  }

  /** Counts a failure that SQLite makes good; a fault of ours is thrown on. */
  recover(error: unknown): void {
    if (error instanceof BrokenDocument) {
      // Firestore does answer: other devices are still read from it.
      this.#watch.brokenDocument(error.message);
      this.#watch.operation(this.#concern, false);
      return;
    }
    if (isLeak(error)) this.#watch.tenantLeak();
    else if (!(error instanceof Problem) || !RECOVERABLE.has(error.code)) throw error;
    else if (error.code === 'index_not_ready') this.#watch.indexNotReady(this.#concern);
    this.#watch.operation(this.#concern, false);
    this.#outage.failed(error);
  }
}

const RECOVERABLE: ReadonlySet<string> = new Set(['index_not_ready', 'store_unavailable', 'overloaded']);

function isLeak(error: unknown): boolean {
  return error instanceof Error && error.name === 'TenantLeak';
}
