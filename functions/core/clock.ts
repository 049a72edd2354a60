/** Where time comes from. Passed in, never read from the system inside the core, so tests can hold and move it. */
export interface Clock {
  /** Now, in UTC epoch milliseconds. */
  now_ms(): number;
}

export const systemClock: Clock = { now_ms: () => Date.now() };

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
/** Later than anything that happens. */
export const END_OF_TIME_MS = 8_640_000_000_000_000;
