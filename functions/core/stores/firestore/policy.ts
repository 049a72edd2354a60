import { ExponentialBackoff, handleWhenResult, retry } from 'cockatiel';
import { systemClock } from '../../clock.ts';
import { Problem } from '../../errors.ts';
import { silentLogger } from '../../observability/log.ts';
import type { Attempted, Breaker } from '../../resilience/breaker.ts';
import { withDeadline } from '../../resilience/deadline.ts';
import { Dependencies } from '../../resilience/dependencies.ts';
import { attempt } from './attempts.ts';
import { isIndexMissing } from './errors.ts';
import { CODES, verdictOn, withoutDatabase, type Asking } from './verdicts.ts';

/** What health, logs and metrics call it. */
export const FIRESTORE = 'firestore';

/** Tries after the first. The pauses are decorrelated, so that instances which failed together do not return together. */
const MORE_TRIES = 2;
const PAUSE_MS = { initialDelay: 50, maxDelay: 400 };

type Outcome<T> = Attempted & { readonly again: boolean } & ({ readonly value: T } | { readonly error: unknown });

/** How long everything may take, how often it is tried, and when the store is left alone: one for each client. */
export class StorePolicy {
  readonly #dependencies: Dependencies;
  readonly #breaker: Breaker;
  readonly #retry = retry(
    handleWhenResult((outcome) => isOutcome(outcome) && outcome.again),
    { maxAttempts: MORE_TRIES, backoff: new ExponentialBackoff(PAUSE_MS) },
  );

  constructor(dependencies = new Dependencies(silentLogger)) {
    this.#dependencies = dependencies;
    this.#breaker = dependencies.breaker(FIRESTORE);
  }

  /**
   * Asks the store within `limit_ms`, all tries and pauses taken together. Throws the SDK's error of the last try, or 503 at
   * once while the breaker is open. What was started may still happen: then the outcome of a write is unknown.
   */
  async ask<T>(asking: Asking, limit_ms: number, call: () => Promise<T>): Promise<T> {
    const until_ms = performance.now() + limit_ms;
    const outcome = await this.#retry.execute(() => this.#breaker.run(() => this.#try(asking, until_ms, call)));
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  async #try<T>(asking: Asking, until_ms: number, call: () => Promise<T>): Promise<Outcome<T>> {
    const left_ms = Math.max(1, until_ms - performance.now());
    try {
      const answer = attempt(systemClock.now_ms() + left_ms, call);
      const value = await withDeadline(answer, left_ms, silent);
      this.#dependencies.access.answered();
      return { value, trips: false, again: false };
    } catch (thrown) {
      const error = withoutDatabase(thrown, asking);
      const { trips, again, told } = verdictOn(error);
      if (told === 'access') this.#refused();
      if (isIndexMissing(causeOf(error))) this.#dependencies.alert('firestore_index_missing', NO_INDEX);
      return { error, trips, again: again.includes(asking) && performance.now() < until_ms };
    }
  }

  #refused(): void {
    this.#dependencies.alert('firestore_access_refused', REFUSED);
    this.#dependencies.access.refused();
  }
}

const REFUSED =
  'Firestore refuses this process: look at the role and the credentials of its account, and whether the database is there';
const NO_INDEX = 'a query lacks its index: deploy firestore.indexes.json';

/** What a query of a transaction met is a `Problem` by then. */
function causeOf(error: unknown): unknown {
  return error instanceof Problem ? error.cause : error;
}

/** Our own deadline counts as the store's. */
function silent({ message }: Error): Error {
  return Object.assign(new Error(message), { code: CODES.DEADLINE_EXCEEDED });
}

function isOutcome(value: unknown): value is { readonly again: boolean } {
  return typeof value === 'object' && value !== null && 'again' in value;
}
