import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../clock.ts';

/** How many failures are free, and how the wait grows after them. */
export interface ThrottlePolicy {
  readonly free_failures: number;
  readonly first_wait_ms: number;
  readonly max_wait_ms: number;
  /** Quiet for this long, and the count starts again. */
  readonly forget_after_ms: number;
}

/** Five wrong tries, then 30 s doubling to 15 min (OWASP: growing delay rather than a lockout anyone can cause). */
export const ACCOUNT_POLICY: ThrottlePolicy = {
  free_failures: 5,
  first_wait_ms: 30 * SECOND_MS,
  max_wait_ms: 15 * MINUTE_MS,
  forget_after_ms: 12 * HOUR_MS,
};

/** One address trying many accounts. Wide, because an office shares an address. */
export const ADDRESS_POLICY: ThrottlePolicy = { ...ACCOUNT_POLICY, free_failures: 50, forget_after_ms: HOUR_MS };

export interface ThrottleState {
  readonly failures: number;
  readonly blocked_until_ms: number;
  readonly updated_ms: number;
}

/** One counter and the policy it is kept by, such as an account tried from one address. */
export interface ThrottleClaim {
  readonly key: string;
  readonly policy: ThrottlePolicy;
}

export interface ThrottleCounter {
  readonly claim: ThrottleClaim;
  readonly state: ThrottleState | null;
}

export type ThrottleReservation =
  | { readonly kind: 'reserved' }
  /** `claim` is the one that blocks longest; the failures and the time are its own. */
  | {
      readonly kind: 'blocked';
      readonly claim: ThrottleClaim;
      readonly failures: number;
      readonly until_ms: number;
    };

/** A try is counted as a failure before it is made, so parallel tries cannot slip through; success takes it back. */
export function countTry(state: ThrottleState | null, policy: ThrottlePolicy, now_ms: number): ThrottleState {
  const known = state !== null && now_ms - state.updated_ms < policy.forget_after_ms ? state.failures : 0;
  const failures = known + 1;
  const doublings = failures - policy.free_failures;
  const wait_ms = doublings < 0 ? 0 : Math.min(policy.first_wait_ms * 2 ** Math.min(doublings, 20), policy.max_wait_ms);
  // A free try blocks nobody, not even a request that came before it and waited for its turn.
  return { failures, blocked_until_ms: wait_ms === 0 ? 0 : now_ms + wait_ms, updated_ms: now_ms };
}

/** Takes one counted try back, and the block that came with it: the one before had run out, or it had not been made. */
export function forgiveTry(state: ThrottleState): ThrottleState {
  return { ...state, failures: Math.max(0, state.failures - 1), blocked_until_ms: 0 };
}

/** Of the claims that block at `now_ms`, the one that blocks longest; 'reserved' when a try may be made. */
export function findBlock(counters: readonly ThrottleCounter[], now_ms: number): ThrottleReservation {
  let longest: ThrottleReservation = { kind: 'reserved' };
  for (const { claim, state } of counters) {
    if (state === null || state.blocked_until_ms <= now_ms) continue;
    if (longest.kind === 'blocked' && state.blocked_until_ms <= longest.until_ms) continue;
    longest = { kind: 'blocked', claim, failures: state.failures, until_ms: state.blocked_until_ms };
  }
  return longest;
}
