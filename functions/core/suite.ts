import { systemClock, type Clock } from './clock.ts';
import type { Config } from './config.ts';
import { systemIds, type Ids } from './ids.ts';
import { jsonLogger, type Logger } from './observability/log.ts';
import { createPasswords, type Passwords } from './passwords/passwords.ts';
import type { Backend } from './stores/contracts.ts';
import { KeyedGate } from './resilience/gate.ts';
import { homeParts } from './cutover/home-parts.ts';
import { openHome, type Home } from './stores/open.ts';
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
  home(): Promise<Home>;
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
  const ids = parts.ids ?? systemIds;
  const logger = parts.logger ?? jsonLogger;
  let opened: Promise<Home> | undefined;
  const home = (): Promise<Home> => {
    opened ??= openHome(config, homeParts({ clock, ids, logger })).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    config,
    clock,
    ids,
    logger,
    passwords: parts.passwords ?? createPasswords(),
    refusals: new RefusalLimiter(clock),
    sign_ins: new KeyedGate({ running: 2, waiting: 64 }),
    home,
    backend: async () => (await home()).backend,
    close: async () => {
      if (opened !== undefined) await (await opened).backend.close();
    },
  };
}
