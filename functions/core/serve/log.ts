import { systemClock, type Clock } from '../clock.ts';
import type { Logger, Severity } from '../observability/log.ts';

/** Beyond this much that a slow reader has not taken, lines are dropped: a log must not take the box down. */
const MAX_WAITING_BYTES = 1_048_576;

const RANK: Readonly<Record<Severity, number>> = { DEBUG: 0, INFO: 1, WARNING: 2, ERROR: 3 };

/** Writes what is at least as severe as `from`, one JSON object a line with its time. */
export function streamLogger(
  out: NodeJS.WritableStream & { readonly writableLength: number },
  from: Severity,
  clock: Clock = systemClock,
): Logger {
  let dropped = 0;
  // Whoever read the log has gone; that is no reason to stop serving.
  out.on('error', () => undefined);
  return {
    log(severity, message, fields = {}) {
      if (RANK[severity] < RANK[from]) return;
      if (out.writableLength > MAX_WAITING_BYTES) {
        dropped += 1;
        return;
      }
      const lost = dropped === 0 ? {} : { dropped_lines: dropped };
      dropped = 0;
      out.write(
        `${JSON.stringify({ time: new Date(clock.now_ms()).toISOString(), severity, message, ...fields, ...lost })}\n`,
      );
    },
  };
}
