/** The homes a suite can be in, from a box without a cloud to the cloud without a box. */
import { BY_COMMAND } from '@bas/core/cutover/events';
import { Delivery } from '@bas/core/cutover/deliver';
import { finalize } from '@bas/core/cutover/finalize';
import type { BoxParts } from '@bas/core/cutover/parts';
import type { Concern } from '@bas/core/model/flags';
import { move } from '../../test/support/moving-box.ts';

export const PHASES = {
  sqlite: ['box', 'not moved', 'dual'],
  firestore: ['telemetry', 'audit', 'auth', 'finalized', 'cloud'],
} as const;
export type BackendName = keyof typeof PHASES;
export type FuzzPhase = (typeof PHASES)[BackendName][number];

/** The steps to a phase of a box; none for one that stays, and for the cloud. */
const STEPS: Readonly<Record<FuzzPhase, readonly (Concern | 'end')[]>> = {
  box: [],
  'not moved': [],
  dual: ['telemetry'],
  telemetry: ['telemetry', 'telemetry'],
  audit: ['telemetry', 'telemetry', 'audit'],
  auth: ['telemetry', 'telemetry', 'audit', 'auth'],
  finalized: ['telemetry', 'telemetry', 'audit', 'auth', 'end'],
  cloud: [],
};

/** Takes a box, which must have a point to compare, to `phase`. */
export async function moveTo(parts: BoxParts, phase: FuzzPhase): Promise<void> {
  for (const step of STEPS[phase]) {
    await deliver(parts);
    if (step === 'end') await finalize(parts, BY_COMMAND);
    else await move({ parts }, step);
  }
}

export async function deliver({ journal, mirror, clock }: BoxParts): Promise<void> {
  await new Delivery({ journal, mirror, clock, holder: 'fuzz', rate: 0 }).everything();
}
