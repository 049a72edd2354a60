import { MINUTE_MS, type Clock } from '../clock.ts';

/** Refusals per minute and origin that are stored one by one; a flood beyond that must not become a bill. */
const EVENTS_PER_MINUTE = 30;
const MAX_ORIGINS = 10_000;

/** An event's detail, with the refusals before it that were only counted. */
export function withUntold(detail: string, untold: number): string {
  return untold === 0 ? detail : `${detail} (${String(untold)} more before)`;
}

/**
 * Decides which refusals get an audit event of their own. The first ones of each origin (a tenant's own people, or one
 * address) in a minute do; the rest are counted, and the count is told with the origin's next event.
 */
export class RefusalLimiter {
  readonly #clock: Clock;
  readonly #origins = new Map<string, { minute: number; seen: number; untold: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many earlier refusals of this origin were not stored, or null when this one is not to be stored either. */
  admit(origin: string): number | null {
    const minute = Math.floor(this.#clock.now_ms() / MINUTE_MS);
    const known = this.#origins.get(origin);
    const entry = known?.minute === minute ? known : { minute, seen: 0, untold: known?.untold ?? 0 };
    this.#origins.delete(origin);
    if (this.#origins.size >= MAX_ORIGINS) this.#forgetOldest();
    this.#origins.set(origin, entry);
    entry.seen += 1;
    if (entry.seen > EVENTS_PER_MINUTE) {
      entry.untold += 1;
      return null;
    }
    const { untold } = entry;
    entry.untold = 0;
    return untold;
  }

  #forgetOldest(): void {
    for (const origin of this.#origins.keys()) {
      this.#origins.delete(origin);
      return;
    }
  }
}
