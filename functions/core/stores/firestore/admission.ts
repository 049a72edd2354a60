import { SECOND_MS, type Clock } from '../../clock.ts';
import { Problem } from '../../errors.ts';
import type { Meter } from '../../observability/meter.ts';
import type { CloudFlags } from '../mirror.ts';

/** How late an instance learns that a box has ended its move, and that one has begun. The latter is asked for ever. */
const ASK_MOVING_MS = 5 * SECOND_MS;
const ASK_UNCLAIMED_MS = 30 * SECOND_MS;
const RETRY_AFTER_S = 30;

export interface AdmissionParts {
  readonly clock: Clock;
  /** One document, read on the meter of the request that asks. */
  readonly readFlags: (meter: Meter) => Promise<CloudFlags | null>;
}

/**
 * Whether this database may answer yet: not while a box is moving into it. Asked seldom, and never
 * again once it is known to be nobody else's.
 */
export class Admission {
  readonly #parts: AdmissionParts;
  #state: 'unknown' | 'unclaimed' | 'moving' | 'open' = 'unknown';
  #asked_ms = 0;
  #asking: Promise<void> | undefined;

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  /** Throws 503 `store_unavailable` while a box is moving here. */
  async admit(meter: Meter): Promise<void> {
    if (this.#state === 'open') return;
    if (this.#due()) await (this.#asking ??= this.#ask(meter));
    if (this.#state === 'moving') throw stillMoving();
  }

  #due(): boolean {
    const age_ms = this.#parts.clock.now_ms() - this.#asked_ms;
    return (
      this.#state === 'unknown' || age_ms < 0 || age_ms >= (this.#state === 'moving' ? ASK_MOVING_MS : ASK_UNCLAIMED_MS)
    );
  }

  async #ask(meter: Meter): Promise<void> {
    try {
      const asked_ms = this.#parts.clock.now_ms();
      const known = await this.#parts.readFlags(meter);
      this.#asked_ms = asked_ms;
      if (known === null) this.#state = 'unclaimed';
      else this.#state = known.flags.finalized ? 'open' : 'moving';
    } finally {
      this.#asking = undefined;
    }
  }
}

function stillMoving(): Problem {
  return new Problem('store_unavailable', 'This data is still being moved here: its box answers until that is done.', {
    retry_after_s: RETRY_AFTER_S,
  });
}
