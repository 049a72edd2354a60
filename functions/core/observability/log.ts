/** Severities of Cloud Logging; one JSON object a line is the shape it reads from standard output. */
export type Severity = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';

/** Never a token, key, password, address, user agent or body: those are for the audit log or for nobody. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Logger {
  log(severity: Severity, message: string, fields?: LogFields): void;
}

export const jsonLogger: Logger = {
  log(severity, message, fields = {}) {
    process.stdout.write(`${JSON.stringify({ severity, message, ...fields })}\n`);
  },
};

/** An error as a log tells it: with its stack, when it has one. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

export const silentLogger: Logger = { log: () => undefined };
