/** Which options belong to which step: one rule for the command line and for the door. */
import type { Concern, Flags } from '../model/flags.ts';
import type { AdvanceOptions } from './advance.ts';

type StepOption = 'min_green_ms' | 'backfill_start_ms' | 'waive';

export interface Misplaced {
  readonly option: StepOption;
  /** Where it belongs, as the end of a sentence. */
  readonly belongs: string;
}

/** The first option that says nothing about the next step of `concern`; null when each does. */
export function misplaced(concern: Concern, { telemetry }: Flags, given: AdvanceOptions): Misplaced | null {
  const options = (['min_green_ms', 'backfill_start_ms', 'waive'] as const).filter((name) => given[name] !== undefined);
  const [first] = options;
  if (concern !== 'telemetry' && first !== undefined) return { option: first, belongs: 'to advance telemetry' };
  const [step, foreign] =
    telemetry === 'sqlite'
      ? (['dual to firestore', 'min_green_ms'] as const)
      : (['sqlite to dual', 'backfill_start_ms'] as const);
  if (!options.includes(foreign)) return null;
  return { option: foreign, belongs: `to the step from ${step}: telemetry is on ${telemetry}` };
}
