import type { Logger } from './log.ts';
import { stackOf } from './error-text.ts';

/** What Node itself would print, in many lines and with values in them, becomes lines of the log: its warnings. */
export function logWarnings(logger: Logger): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => logger.log('WARNING', 'a warning of the runtime', { stack: stackOf(warning) }));
}

/**
 * The same for what nobody caught, whoever else would print it; the process ends by it, as it would have, once `beforeEnd`
 * has: that must be bounded, and be such that a process in an unknown state may do it.
 */
export function logDeath(logger: Logger, beforeEnd?: () => Promise<void>): void {
  let ending: Promise<void> | undefined;
  const die = (error: unknown): void => {
    logger.log('CRITICAL', 'the process ends by an error that nobody caught', { stack: stackOf(error) });
    if (beforeEnd === undefined) process.exit(1);
    ending ??= beforeEnd().finally(() => process.exit(1));
  };
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.removeAllListeners(event);
    process.on(event, die);
  }
}
