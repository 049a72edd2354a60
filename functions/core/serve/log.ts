import { systemClock, type Clock } from '../clock.ts';
import { lineOf } from '../observability/log-line.ts';
import { SEVERITIES, type LogEntry, type Logger, type Severity } from '../observability/log.ts';
import { plainLineOf } from './plain-line.ts';

/** Beyond this much that a slow reader has not taken, lines are dropped: a log must not take the box down. */
const MAX_WAITING_BYTES = 1_048_576;

/** How late a line may be. Who kills the process loses that much of its log. */
const TOGETHER_MS = 20;

type Out = NodeJS.WritableStream & { readonly writableLength: number; readonly isTTY?: boolean };

/** Takes lines that are ready to be told. */
export interface LineSink {
  take(entry: LogEntry): void;
}

/** A logger that hands every line, with its time, to all of these. */
export function loggerTo(sinks: readonly LineSink[], clock: Clock = systemClock): Logger {
  return {
    log(severity, message, fields = {}, context = {}) {
      const entry = { severity, message, time_ms: clock.now_ms(), fields, context };
      for (const sink of sinks) sink.take(entry);
    },
  };
}

export function streamLogger(out: Out, from: Severity, clock: Clock = systemClock): Logger {
  return loggerTo([streamSink(out, from)], clock);
}

/**
 * Writes what is at least as severe as `from`: one JSON object a line, or short lines for people on a terminal. What
 * comes within a blink is one write, because a write costs more than a line; an error is written at once.
 */
export function streamSink(out: Out, from: Severity): LineSink {
  let dropped = 0;
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;
  const text: (entry: LogEntry) => string = out.isTTY === true ? plainLineOf : lineOf;
  // Whoever read the log has gone; that is no reason to stop serving.
  out.on('error', () => undefined);
  const write = (): void => {
    clearTimeout(timer);
    timer = undefined;
    out.write(waiting);
    waiting = '';
  };
  return {
    take(entry) {
      if (!isAtLeast(entry.severity, from)) return;
      if (out.writableLength + waiting.length > MAX_WAITING_BYTES) {
        dropped += 1;
        return;
      }
      timer ??= setTimeout(write, TOGETHER_MS);
      waiting += text(dropped === 0 ? entry : { ...entry, fields: { ...entry.fields, dropped_lines: dropped } });
      dropped = 0;
      if (isAtLeast(entry.severity, 'ERROR')) write();
    },
  };
}

function isAtLeast(severity: Severity, from: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(from);
}
