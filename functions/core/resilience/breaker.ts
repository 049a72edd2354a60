/** Keeps a process from asking a dependency that is away, but for one probe now and then. */
import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhenResult,
  type CircuitBreakerPolicy,
  type IBackoff,
  type IBackoffFactory,
} from 'cockatiel';
import { SECOND_MS } from '../clock.ts';
import { storeAway } from '../errors.ts';

export type BreakerState = 'closed' | 'open' | 'half_open';

/** How one attempt ended, as the breaker sees it: `trips` says that the dependency did not do its part. */
export interface Attempted {
  readonly trips: boolean;
}

export interface BreakerOptions {
  readonly onChange?: (state: BreakerState) => void;
  /** From 0 to 1; jitter. */
  readonly random?: () => number;
  /** Monotonic: a clock that is set back must not keep a breaker open. */
  readonly elapsed_ms?: () => number;
}

/** So many attempts in a row, with no answer between them. */
const TRIPPING = 5;
const SHORTEST_PAUSE_MS = SECOND_MS;
const LONGEST_PAUSE_MS = 2 * SECOND_MS;
/** Those who are refused come back over this time, not all at the probe. */
const SPREAD_S = 10;

const STATES: Readonly<Record<CircuitState, BreakerState>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half_open',
  [CircuitState.Isolated]: 'open',
};

/** One breaker for one dependency. Open, it refuses at once; half open, one attempt is the probe and all others are refused. */
export class Breaker {
  readonly #circuit: CircuitBreakerPolicy;
  readonly #random: () => number;
  readonly #elapsed_ms: () => number;
  #probe_ms = 0;
  /** Counts changes of the state. */
  #changes = 0;

  constructor(options: BreakerOptions = {}) {
    this.#random = options.random ?? Math.random;
    this.#elapsed_ms = options.elapsed_ms ?? (() => performance.now());
    this.#circuit = circuitBreaker(
      handleWhenResult((attempt) => isAttempted(attempt) && attempt.trips),
      { breaker: new ConsecutiveBreaker(TRIPPING), halfOpenAfter: this.#pauses() },
    );
    this.#circuit.onStateChange((state) => {
      this.#changes += 1;
      options.onChange?.(STATES[state]);
    });
  }

  get state(): BreakerState {
    return STATES[this.#circuit.state];
  }

  /** Makes the attempt, or throws 503 at once. */
  async run<T extends Attempted>(attempt: () => Promise<T>): Promise<T> {
    // Left to the library, whoever comes while a probe is under way would wait for its end.
    if (this.state === 'half_open' || (this.state === 'open' && !this.#isDue())) throw this.#refusal();
    const { outcome } = await this.#circuit.execute(async () => {
      const changes = this.#changes;
      const outcome = await attempt();
      // What began before says nothing of how the dependency is now: it must not decide in the place of a probe.
      return { outcome, trips: outcome.trips && changes === this.#changes };
    });
    return outcome;
  }

  #isDue(): boolean {
    return this.#elapsed_ms() >= this.#probe_ms;
  }

  #refusal(): Error {
    const wait_s = Math.max(0, this.#probe_ms - this.#elapsed_ms()) / SECOND_MS;
    return storeAway(Math.ceil(wait_s + this.#random() * SPREAD_S));
  }

  /** The library reads `duration` against the wall clock; this one holds whatever that clock does. */
  #pauses(): IBackoffFactory<unknown> {
    const isDue = () => this.#isDue();
    const next = (): IBackoff<unknown> => {
      const pause_ms = SHORTEST_PAUSE_MS + this.#random() * (LONGEST_PAUSE_MS - SHORTEST_PAUSE_MS);
      this.#probe_ms = this.#elapsed_ms() + pause_ms;
      return {
        next,
        get duration() {
          return isDue() ? -Infinity : Infinity;
        },
      };
    };
    return { next };
  }
}

function isAttempted(value: unknown): value is Attempted {
  return typeof value === 'object' && value !== null && 'trips' in value;
}
