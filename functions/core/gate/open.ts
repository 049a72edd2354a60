import type { Clock } from '../clock.ts';
import { openIndexAdmin } from '../stores/open.ts';
import { IndexGate, type GateStore } from './gate.ts';
import { takeReading, type GateTarget } from './reading.ts';
import { REQUIRED } from './required.ts';

export interface IndexGateOptions {
  readonly project_id: string;
  /** Set: an emulator is used, and nobody is asked. */
  readonly emulator_host: string | undefined;
  readonly store: GateStore;
  readonly clock: Clock;
}

/** The gate in front of one Firestore database. The Admin API's client is loaded at the first check. */
export function openIndexGate({ project_id, emulator_host, store, clock }: IndexGateOptions): IndexGate {
  const target: GateTarget =
    emulator_host === undefined
      ? { kind: 'cloud', project_id, connect: () => openIndexAdmin({ project_id }) }
      : { kind: 'emulator', host: emulator_host };
  const about = `${emulator_host ?? 'cloud'}/${project_id}@${REQUIRED.version}`;
  return new IndexGate({ store, clock, about, read: () => takeReading(target, REQUIRED) });
}
