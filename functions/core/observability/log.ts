import { systemClock } from '../clock.ts';
import { lineOf } from './log-line.ts';

export { stackOf } from './error-text.ts';

/** Severities of Cloud Logging that we use, the least severe first. */
export const SEVERITIES = ['DEBUG', 'INFO', 'NOTICE', 'WARNING', 'ERROR', 'CRITICAL'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Never a token, key, password, address, user agent or body: those are for the audit log or for nobody. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** Where a line belongs: Cloud Logging shows what is in here in its own places. */
export interface LogContext {
  readonly labels?: Readonly<Record<string, string>>;
  readonly trace?: TracePlace | undefined;
  readonly http?: HttpFacts;
}

/** One span of a trace, as Cloud Logging names it. */
export interface TracePlace {
  /** `projects/PROJECT/traces/ID`; the bare id where no project is known. */
  readonly trace: string;
  readonly span_id: string | undefined;
  readonly sampled: boolean | undefined;
}

/** One request and its answer; the path is the route's template, so that no id or query is in it. */
export interface HttpFacts {
  readonly method: string;
  readonly path: string | undefined;
  readonly status: number;
  readonly response_bytes: number;
  readonly latency_ms: number;
  readonly protocol: string;
}

/** One line of the log before it is text. */
export interface LogEntry {
  readonly severity: Severity;
  readonly message: string;
  readonly time_ms: number;
  readonly fields: LogFields;
  readonly context: LogContext;
}

export interface Logger {
  log(severity: Severity, message: string, fields?: LogFields, context?: LogContext): void;
}

/** What Cloud Functions read: standard output, one JSON object a line. */
export const jsonLogger: Logger = {
  log(severity, message, fields = {}, context = {}) {
    process.stdout.write(lineOf({ severity, message, time_ms: systemClock.now_ms(), fields, context }));
  },
};

export const silentLogger: Logger = { log: () => undefined };
