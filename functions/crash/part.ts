import type { LongRun, LongRunPart } from '../../scripts/lib/long-run.ts';

/** The numbers that `npm run crash` takes. */
export interface CrashCounts {
  readonly seed: number;
  /** Kills of a box. */
  readonly cycles: number;
  /** Of the kills, how many per hundred are of a box that moves to Firestore. */
  readonly moving_percent: number;
}

export type CrashRun = LongRun & CrashCounts;
export type CrashPart = LongRunPart<CrashCounts>;
