import type { Measured } from '@bas/core/observability/service-levels';

/** A stretch of time in steps of equal length. */
export interface Stretch {
  readonly from_ms: number;
  readonly to_ms: number;
  readonly step_ms: number;
}

/** Who has counted. */
export interface Source {
  readonly name: string;
  /** What was counted in each step, oldest first. */
  measure(stretch: Stretch): Promise<readonly Measured[]>;
  close(): Promise<void>;
}

/** The start of each step. */
export function stepsOf({ from_ms, to_ms, step_ms }: Stretch): number[] {
  return Array.from({ length: Math.round((to_ms - from_ms) / step_ms) }, (_, at) => from_ms + at * step_ms);
}
