import type { LongRunParts } from '../../scripts/lib/long-run.ts';
import type { FuzzCounts } from './part.ts';

/** What `npm run fuzz` is made of; loaded when it runs. */
export const FUZZ_PARTS: LongRunParts<FuzzCounts> = {
  model: async () => (await import('./model/part.ts')).modelPart,
  requests: async () => (await import('./requests/part.ts')).requestsPart,
  timing: async () => (await import('./timing/part.ts')).timingPart,
};
