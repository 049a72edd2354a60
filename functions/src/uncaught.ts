import type { Domain } from 'node:domain';
import { jsonLogger } from '@bas/core/observability/log';
import { logDeath } from '@bas/core/observability/process-log';

let isOurs = false;

/**
 * What nobody catches is ours to tell, and ends the instance; to be called first in each call. The framework begins to
 * listen for such errors after it has loaded this. And it runs each call in a domain, which would print them with their
 * values, answer with what they say and go on. Without a domain this is not the framework's process, and not ours.
 */
export function ownUncaught(): void {
  if (!('domain' in process) || !isDomain(process.domain)) return;
  process.domain.exit();
  if (isOurs) return;
  isOurs = true;
  logDeath(jsonLogger);
}

/** Told by its shape: to load `node:domain` where nobody has would make every promise cost more. */
function isDomain(value: unknown): value is Domain {
  return typeof value === 'object' && value !== null && 'enter' in value && 'exit' in value;
}
