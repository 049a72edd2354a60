import type { LongRun, LongRunPart } from '../../scripts/lib/long-run.ts';

/** The numbers that `npm run fuzz` takes. */
export interface FuzzCounts {
  readonly seed: number;
  /** Of the model, on each backend. */
  readonly operations: number;
  /** Of the fuzzer of requests, in all. */
  readonly requests: number;
}

export type FuzzRun = LongRun & FuzzCounts;
export type FuzzPart = LongRunPart<FuzzCounts>;
