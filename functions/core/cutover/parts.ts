import type { Clock } from '../clock.ts';
import { openIndexGate } from '../gate/open.ts';
import type { IndexGate } from '../gate/gate.ts';
import { GateReport } from '../gate/report.ts';
import type { Ids } from '../ids.ts';
import type { Logger } from '../observability/log.ts';
import { Meter } from '../observability/meter.ts';
import type { CloudSide } from '../stores/box/open.ts';
import type { Backend } from '../stores/contracts.ts';
import type { Journal } from '../stores/journal.ts';
import type { Mirror } from '../stores/mirror.ts';
import type { Suite } from '../suite.ts';
import { moveRefused } from './refused.ts';
import { NO_PROJECT } from './shapes.ts';

/** Everything a move of a box works with. */
export interface BoxParts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly backend: Backend;
  readonly journal: Journal;
  readonly cloud: CloudSide;
  readonly mirror: Mirror;
  readonly gate: IndexGate;
  readonly backfill_start_ms: number | undefined;
}

/** A box that has nowhere to move to, or a home that never was a box, cannot be moved: a refusal says why. */
export async function boxParts(suite: Suite): Promise<BoxParts> {
  const { box, backend } = await suite.home();
  if (box === null) throw moveRefused(['This home is on Firestore alone: there is nothing to move, and no way back.']);
  const { journal, cloud } = box;
  const { home } = suite.config;
  const target = home.kind === 'sqlite' ? home.target : home;
  if (cloud === null || target === undefined) {
    throw moveRefused([NO_PROJECT]);
  }
  const { clock, ids, logger } = suite;
  /** Whoever counts here for itself is counted as the cutover's too. */
  const charged = (meter: Meter): Meter => suite.usage.charged(meter, 'cutover');
  const mirror = cloud.mirror(charged(new Meter()));
  const gate = openIndexGate({ ...target, clock, store: gateStore(journal) });
  return {
    clock,
    ids,
    logger,
    backend: { ...backend, withMeter: (meter) => backend.withMeter(charged(meter)) },
    journal,
    cloud: { ...cloud, mirror: (meter) => cloud.mirror(charged(meter)) },
    mirror,
    gate,
    backfill_start_ms: suite.config.backfill_start_ms,
  };
}

function gateStore(journal: Journal) {
  return {
    load: async () =>
      GateReport.nullable()
        .catch(null)
        .parse(await journal.load('gate')),
    save: async (report: GateReport) => {
      await journal.save('gate', report);
    },
  };
}
