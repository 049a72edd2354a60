import { MINUTE_MS, SECOND_MS } from '../clock.ts';
import type { Logger } from '../observability/log.ts';
import { Breaker, type BreakerState } from './breaker.ts';

/** What somebody must see to: a line of ERROR whose `alert` says which. Alert policies match these words. */
export type Alert = 'firestore_access_refused' | 'firestore_index_missing';

/** Hears each time that a dependency refuses the account of this process, and each time that it answers. */
export interface AccessWatch {
  refused(): void;
  answered(): void;
}

export interface DependencyOptions {
  /** Since some moment in the past; goes on however the clock is set. */
  readonly elapsed_ms?: () => number;
  readonly access?: AccessWatch;
}

const NOBODY: AccessWatch = { refused: () => undefined, answered: () => undefined };
const TOLD_FOR_MS = 10 * MINUTE_MS;

/** What this process knows of the services that it calls: a breaker for each, and what is wrong that no retry heals. */
export class Dependencies {
  readonly access: AccessWatch;
  readonly #logger: Logger;
  readonly #elapsed_ms: () => number;
  readonly #breakers = new Map<string, Breaker>();
  readonly #opened_ms = new Map<string, number>();
  readonly #told_ms = new Map<Alert, number>();

  constructor(logger: Logger, { elapsed_ms, access }: DependencyOptions = {}) {
    this.#logger = logger;
    this.#elapsed_ms = elapsed_ms ?? (() => performance.now());
    this.access = access ?? NOBODY;
  }

  /** The one breaker of this dependency. */
  breaker(name: string): Breaker {
    const known = this.#breakers.get(name);
    if (known !== undefined) return known;
    const breaker = new Breaker({ elapsed_ms: this.#elapsed_ms, onChange: (state) => this.#changed(name, state) });
    this.#breakers.set(name, breaker);
    return breaker;
  }

  /** Of every dependency that was ever needed. */
  states(): Readonly<Record<string, BreakerState>> {
    return Object.fromEntries([...this.#breakers].map(([name, breaker]) => [name, breaker.state]));
  }

  /** Tells of it once in ten minutes. */
  alert(alert: Alert, message: string): void {
    const now_ms = this.#elapsed_ms();
    const told_ms = this.#told_ms.get(alert);
    if (told_ms !== undefined && now_ms - told_ms < TOLD_FOR_MS) return;
    this.#told_ms.set(alert, now_ms);
    this.#logger.log('ERROR', message, { alert });
  }

  /** One line when it opens and one when it closes; the probes between them are no news. */
  #changed(dependency: string, breaker: BreakerState): void {
    const opened_ms = this.#opened_ms.get(dependency);
    const fields = { dependency, breaker };
    if (breaker === 'open' && opened_ms === undefined) {
      this.#opened_ms.set(dependency, this.#elapsed_ms());
      this.#logger.log('ERROR', `${dependency} does not answer: the breaker is open`, fields);
    } else if (breaker === 'closed' && opened_ms !== undefined) {
      this.#opened_ms.delete(dependency);
      const away_s = Math.round((this.#elapsed_ms() - opened_ms) / SECOND_MS);
      this.#logger.log('NOTICE', `${dependency} answers again: the breaker is closed`, { ...fields, away_s });
    }
  }
}
