import { SetupError } from '../errors.ts';
import { sha256 } from '../ids.ts';
import { readCheckpoint, stampOf, type Checkpoint, type MigrationPlan } from './checkpoint.ts';
import type { MigrationOptions, MigrationTools } from './options.ts';
import { emptyTally } from './tally.ts';

/** Where a run begins: at the start, or where the run to resume was cut off. Throws when that was another run. */
export function beginning(options: MigrationOptions, { legacy, store, clock }: MigrationTools): Checkpoint {
  const known = options.resume ? readCheckpoint(options.checkpoint_file) : null;
  const now_ms = known?.now_ms ?? clock.now_ms();
  const plan: MigrationPlan = {
    kind: options.kind,
    from: legacy.file,
    to: store.name,
    tenant_id: options.tenant_id,
    mapping: sha256(JSON.stringify(options.mapping)),
    from_ms: options.fromAt(now_ms),
  };
  const stamp = stampOf(legacy.file);
  if (known === null) return { plan, legacy: stamp, now_ms, units: 0, tally: emptyTally() };
  if (JSON.stringify(known.plan) !== JSON.stringify(plan)) {
    throw new SetupError('The run to resume was another: give the same options, or leave --resume out to begin anew.');
  }
  if (known.legacy === stamp) return known;
  throw new SetupError(`${legacy.file} has changed since: leave --resume out to begin anew; what is stored stays.`);
}
