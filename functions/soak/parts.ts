import type { LongRunParts } from '../../scripts/lib/long-run.ts';

/** The numbers that `npm run soak` takes. */
export interface SoakCounts {
  readonly minutes: number;
  /** Requests a second on each home. */
  readonly rate: number;
}

export const SOAK_PARTS: LongRunParts<SoakCounts> = {
  neighbour: async () => (await import('./neighbour.ts')).neighbour,
  storm: async () => (await import('./storm.ts')).storm,
  memory: async () => (await import('./memory.ts')).memory,
};
