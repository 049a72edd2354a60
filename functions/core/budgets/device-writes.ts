import { MINUTE_MS } from '../clock.ts';

/** Accepted write requests per device and calendar minute (UTC, server clock). */
export const DEVICE_WRITES_PER_MINUTE = 5;

/**
 * How far ahead of our own a stored minute may be. Servers disagree by seconds, and a clock that is put right by less than
 * this cannot reset the budget; a minute further ahead was stored by a clock that was wrong, and must not lock a device out.
 */
export const MAX_MINUTE_AHEAD_MS = 10 * MINUTE_MS;

/** How much of a minute's budget is used. Lives in the bucket of the time of receipt, so late points cannot dodge it. */
export interface WriteBudget {
  readonly minute_ms: number;
  readonly used: number;
}

export type BudgetDecision =
  | { readonly kind: 'granted'; readonly budget: WriteBudget }
  | { readonly kind: 'spent'; readonly used: number; readonly reset_ms: number };

/**
 * Takes one write from the budget. The minute is the later of the stored and the server's own: a server whose clock is
 * behind counts in the minute that a faster one has opened, and cannot reset it. A minute too far ahead is not believed.
 */
export function spendWrite(stored: WriteBudget | null, now_ms: number): BudgetDecision {
  const own_minute_ms = Math.floor(now_ms / MINUTE_MS) * MINUTE_MS;
  const current = stored !== null && isBelieved(stored, own_minute_ms) ? stored : { minute_ms: own_minute_ms, used: 0 };
  if (current.used >= DEVICE_WRITES_PER_MINUTE) {
    return { kind: 'spent', used: current.used, reset_ms: current.minute_ms + MINUTE_MS };
  }
  return { kind: 'granted', budget: { minute_ms: current.minute_ms, used: current.used + 1 } };
}

function isBelieved({ minute_ms }: WriteBudget, own_minute_ms: number): boolean {
  return minute_ms >= own_minute_ms && minute_ms <= own_minute_ms + MAX_MINUTE_AHEAD_MS;
}
