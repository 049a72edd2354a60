import { MINUTE_MS, SECOND_MS } from '../clock.ts';
import { Problem } from '../errors.ts';
import type { MigrationTools } from './options.ts';

/** A dying store comes back, or does not. */
const TRYING_MS = 5 * MINUTE_MS;
const FIRST_PAUSE_MS = SECOND_MS;
const LONGEST_PAUSE_MS = 30 * SECOND_MS;

/** Tries again while the store is away; everything put is safe to put again. */
export async function persistently<T>(
  { sleep, stopping }: Pick<MigrationTools, 'sleep' | 'stopping'>,
  work: () => Promise<T>,
): Promise<T> {
  const started = performance.now();
  for (let pause_ms = FIRST_PAUSE_MS; ; pause_ms = Math.min(LONGEST_PAUSE_MS, 2 * pause_ms)) {
    try {
      return await work();
    } catch (error) {
      const away = error instanceof Problem && error.code === 'store_unavailable';
      if (!away || stopping.aborted || performance.now() - started > TRYING_MS) throw error;
      await sleep(pause_ms);
    }
  }
}
