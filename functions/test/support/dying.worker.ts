/** A process whose runtime warns and that then dies, with values in what is said of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { jsonLogger } from '@bas/core/observability/log';
import { logDeath, logWarnings } from '@bas/core/observability/process-log';

const [how, slowly] = process.argv.slice(2);
logWarnings(jsonLogger);
process.on('unhandledRejection', (error) => process.stdout.write(`${String(error)}\n`));
logDeath(jsonLogger, slowly === undefined ? undefined : lastWords);
process.emitWarning('value "canary" is deprecated', 'DeprecationWarning');
if (how === 'rejects') void Promise.reject(new Error('lost "canary"'));
setTimeout(() => {
  throw new Error('thrown "canary"');
}, 50);

async function lastWords(): Promise<void> {
  await sleep(200);
  jsonLogger.log('INFO', 'the last words');
}
