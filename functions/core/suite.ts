import { systemClock, type Clock } from './clock.ts';
import type { Config } from './config.ts';
import { systemIds, type Ids } from './ids.ts';
import { jsonLogger, type Logger } from './observability/log.ts';
import { createPasswords, type Passwords } from './passwords/passwords.ts';
import type { Backend } from './stores/contracts.ts';
import { KeyedGate } from './resilience/gate.ts';
import { openBackend } from './stores/open.ts';
import { RefusalLimiter } from './audit/refusals.ts';

/** Everything one process shares between requests. Made once; nothing in it is opened before it is asked for. */
export interface Suite {
  readonly config: Config;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly passwords: Passwords;
  readonly refusals: RefusalLimiter;
  /** Tries of one account from one network take turns here. */
  readonly sign_ins: KeyedGate;
  backend(): Promise<Backend>;
  close(): Promise<void>;
}

export interface SuiteParts {
  readonly clock?: Clock;
  readonly ids?: Ids;
  readonly logger?: Logger;
  readonly passwords?: Passwords;
}

export function createSuite(config: Config, parts: SuiteParts = {}): Suite {
  const clock = parts.clock ?? systemClock;
  let opened: Promise<Backend> | undefined;
  const backend = (): Promise<Backend> => {
    opened ??= openBackend(config, clock).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    config,
    clock,
    ids: parts.ids ?? systemIds,
    logger: parts.logger ?? jsonLogger,
    passwords: parts.passwords ?? createPasswords(),
    refusals: new RefusalLimiter(clock),
    sign_ins: new KeyedGate({ running: 2, waiting: 64 }),
    backend,
    close: async () => {
      if (opened !== undefined) await (await opened).close();
    },
  };
}
