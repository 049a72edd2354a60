import { systemClock, type Clock } from './clock.ts';
import type { Config } from './config.ts';
import { systemIds, type Ids } from './ids.ts';
import { healthReport, type Health } from './observability/health.ts';
import { ServiceCounters } from './observability/service-counters.ts';
import { jsonLogger, type Logger } from './observability/log.ts';
import { createPasswords, type Passwords } from './passwords/passwords.ts';
import type { Backend } from './stores/contracts.ts';
import { Dependencies } from './resilience/dependencies.ts';
import { Entrance } from './resilience/entrance.ts';
import { KeyedGate } from './resilience/gate.ts';
import { AccessEvents } from './cutover/access-events.ts';
import { Watch } from './cutover/watch.ts';
import { homeParts } from './cutover/home-parts.ts';
import { Scans } from './telemetry/scans.ts';
import { openHome, type Home } from './stores/open.ts';
import { UsageRecorder } from './usage/recorder.ts';
import { Dashboards } from './budgets/dashboards.ts';
import { RefusalLimiter } from './audit/refusals.ts';

/** Everything one process shares between requests. Made once; nothing in it is opened before it is asked for. */
export interface Suite {
  readonly config: Config;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly passwords: Passwords;
  /** Requests begin in turn here, tenant by tenant. */
  readonly entrance: Entrance;
  readonly refusals: RefusalLimiter;
  /** What sessions have read, as far as this process read it for them. */
  readonly dashboards: Dashboards;
  /** Tries of one account from one network take turns here. */
  readonly sign_ins: KeyedGate;
  /** Looks at points take turns here. */
  readonly scans: Scans;
  /** What this process sees of Firestore, for the guard and for health. */
  readonly watch: Watch;
  /** What this process uses of the store, and who is charged for it. */
  readonly usage: UsageRecorder;
  readonly dependencies: Dependencies;
  /** What this process answers, for its service levels. */
  readonly service: ServiceCounters;
  home(): Promise<Home>;
  backend(): Promise<Backend>;
  health(): Promise<Health>;
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
  const watch = new Watch({ clock, logger, process: ids.uuid() });
  const access = new AccessEvents({ clock, ids, logger, home: () => home(), meter: () => usage.meter('audit') });
  const dependencies = new Dependencies(logger, { access });
  const open = async (): Promise<Home> => {
    const home = await openHome(config, homeParts({ clock, ids, logger, dependencies, watch: watch.reads }));
    const { box } = home;
    // A box with nowhere to go is never finalized: its file need not be asked at every answer.
    watch.standAloneWhile(() => box === null || (box.cloud !== null && box.journal.flags().finalized));
    return home;
  };
  let opened: Promise<Home> | undefined;
  const home = (): Promise<Home> => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  const backend = async (): Promise<Backend> => (await home()).backend;
  const usage = new UsageRecorder({ clock, logger, backend });
  return {
    config,
    clock,
    ids,
    logger,
    passwords: parts.passwords ?? createPasswords(),
    entrance: new Entrance(),
    refusals: new RefusalLimiter(clock),
    dashboards: new Dashboards(),
    sign_ins: new KeyedGate({ running: 2, waiting: 64 }),
    scans: new Scans(),
    watch,
    usage,
    dependencies,
    service: new ServiceCounters(clock),
    home,
    health: healthReport({ config, clock, logger, watch, dependencies, home }),
    backend,
    close: async () => {
      if (opened === undefined) return;
      await usage.writeAll();
      await (await opened).backend.close();
    },
  };
}
