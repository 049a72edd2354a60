/** A process whose runtime warns and that then dies, with values in what is said of it. */
import { jsonLogger } from '@bas/core/observability/log';
import { logDeath, logWarnings } from '@bas/core/observability/process-log';

logWarnings(jsonLogger);
logDeath(jsonLogger);
process.emitWarning('value "canary" is deprecated', 'DeprecationWarning');
if (process.argv[2] === 'rejects') void Promise.reject(new Error('lost "canary"'));
setTimeout(() => {
  throw new Error('thrown "canary"');
}, 50);
