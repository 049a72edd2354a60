import { DAY_MS } from '../clock.ts';
import { SetupError } from '../errors.ts';
import { MAX_CLOCK_AHEAD_MS, oldestKept_ms, TELEMETRY_RETENTION_MS } from '../model/retention.ts';
import type { Survey } from './table.ts';

/** `now`: so that the newest point is now; a number: by so many milliseconds, as an earlier run did. */
export type Shift = 'none' | 'now' | number;

/** The one offset that all timestamps move by. Throws when nothing would be accepted with it. */
export function offsetFor(shift: Shift, { newest_ms }: Pick<Survey, 'newest_ms'>, now_ms: number): number {
  const offset_ms = shift === 'none' ? 0 : shift === 'now' ? now_ms - newest_ms : shift;
  const moved_ms = newest_ms + offset_ms;
  if (moved_ms < oldestKept_ms(now_ms)) {
    const days = TELEMETRY_RETENTION_MS / DAY_MS;
    throw new SetupError(
      `The newest row is of ${new Date(moved_ms).toISOString()}, older than the ${days} days that are kept: add --shift-to-now to move all times by one offset.`,
    );
  }
  if (moved_ms > now_ms + MAX_CLOCK_AHEAD_MS) {
    throw new SetupError(
      `The newest row is of ${new Date(moved_ms).toISOString()}, in the future: add --shift-to-now to move all times by one offset.`,
    );
  }
  return offset_ms;
}
