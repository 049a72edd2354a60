import type { LongRunParts } from '../../scripts/lib/long-run.ts';
import type { CrashCounts } from './part.ts';

/** The parts of `npm run crash`, loaded when they are run; each writes a file of evidence. */
export const CRASH_PARTS: LongRunParts<CrashCounts> = {
  crash: async () => (await import('./kills-part.ts')).kills,
  faults: async () => (await import('./faults-part.ts')).faults,
};
