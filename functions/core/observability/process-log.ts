import type { Logger } from './log.ts';
import { stackOf } from './error-text.ts';

/** What Node itself would print, in many lines and with values in them, becomes lines of the log: its warnings. */
export function logWarnings(logger: Logger): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => logger.log('WARNING', 'a warning of the runtime', { stack: stackOf(warning) }));
}

/** The same for what nobody caught; the process ends by it, as it would have. */
export function logDeath(logger: Logger): void {
  process.on('uncaughtException', (error) => {
    logger.log('CRITICAL', 'the process ends by an error that nobody caught', { stack: stackOf(error) });
    process.exit(1);
  });
}
