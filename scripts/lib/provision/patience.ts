/** What passes by itself in a project that is new: nothing to give up for at once. */
import { SetupError } from '@bas/core/errors';
import { setTimeout as delay } from 'node:timers/promises';

export interface Patience {
  readonly tries: number;
  readonly pause_ms: number;
}

/** Two minutes: what was just switched on or made (an API, an account, a log metric) is not known everywhere at once. */
export const PATIENCE: Patience = { tries: 24, pause_ms: 5_000 };

const OFF = /SERVICE_DISABLED|has not been used in project .+ before or it is disabled/;
const UNKNOWN_YET = /Service account \S+ does not exist|Cannot find metric\(s\) that match type/;

/** Whether these words say that an API is switched off, or not awake yet. */
export function isOff(words: string): boolean {
  return OFF.test(words);
}

/** Does it again while it fails by what passes by itself. */
export async function patiently<T>(work: () => Promise<T>, { tries, pause_ms }: Patience): Promise<T> {
  for (let left = tries; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      const passes = error instanceof SetupError && (isOff(error.message) || UNKNOWN_YET.test(error.message));
      if (!passes || left <= 1) throw error;
    }
    await delay(pause_ms);
  }
}
