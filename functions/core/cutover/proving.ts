import type { Flags } from '../model/flags.ts';
import type { Journal } from '../stores/journal.ts';
import { compare, type Comparison, type CompareOptions } from './compare.ts';
import type { BoxParts } from './parts.ts';
import { addToProof, NO_PROOF, Proof } from './proof.ts';
import { moveRefused } from './refused.ts';

/** Buckets that did not change, looked at again beside those that did. */
const SAMPLE = 32;

export async function loadProof(journal: Journal): Promise<Proof> {
  return Proof.catch(NO_PROOF).parse((await journal.load('comparison')) ?? NO_PROOF);
}

export interface ProveOptions {
  /** Everything, even when everything was compared before; one that was stopped is gone on with. */
  readonly full?: boolean;
  /** Everything from the beginning. */
  readonly restart?: boolean;
  readonly patience_ms?: number;
  readonly onProgress?: CompareOptions['onProgress'];
}

export interface Proven {
  readonly comparison: Comparison;
  readonly proof: Proof;
}

/**
 * Compares: everything once, resumed where it stopped, then what changed and a sample of the rest. What it shows is added
 * to the proof as it goes, so that a comparison that is killed costs nothing twice.
 */
export async function prove(parts: BoxParts, options: ProveOptions = {}): Promise<Proven> {
  const { journal, cloud, clock, ids } = parts;
  const flags = journal.flags();
  refuseUnlessDelivering(flags);
  const holder = ids.uuid();
  const held = () => journal.lease('comparison', holder, clock.now_ms(), LEASE_MS);
  if (!(await held())) throw moveRefused(['Another comparison is running: wait until it has ended.']);
  try {
    const before = await loadProof(journal);
    const full = options.full === true || options.restart === true || before.full_ms === null;
    const started_ms = clock.now_ms();
    const save = async (comparison: Comparison): Promise<Proof> => {
      // A rollback meanwhile forgot the proof: then there is nothing to add to.
      refuseUnlessDelivering(journal.flags());
      const proof = addToProof(before, comparison, started_ms, clock.now_ms());
      await journal.save('comparison', proof);
      return proof;
    };
    let saved_ms = performance.now();
    const comparison = await compare(
      { journal, cloud, clock, ...(options.patience_ms === undefined ? {} : { patience_ms: options.patience_ms }) },
      {
        scope: full ? 'full' : 'changed',
        since_ms: flags.backfill_start_ms,
        sample: SAMPLE,
        // What was found equal stays out of the next look at what changed: only a look at everything goes on.
        from: full && options.restart !== true ? before.resume : null,
        onProgress: async (so_far) => {
          if (performance.now() - saved_ms > SAVE_EVERY_MS) {
            saved_ms = performance.now();
            if (!(await held())) throw moveRefused(['Another comparison took over: wait until it has ended.']);
            await save(so_far);
          }
          return (await options.onProgress?.(so_far)) ?? true;
        },
      },
    );
    return { comparison, proof: await save(comparison) };
  } finally {
    await journal.release('comparison', holder);
  }
}

/** Proves for a bounded time: for requests and schedules, which go on with it the next time. */
export function proveFor(parts: BoxParts, limit_ms: number): Promise<Proven> {
  const until_ms = performance.now() + limit_ms;
  return prove(parts, { patience_ms: limit_ms / 10, onProgress: () => performance.now() < until_ms });
}

const LEASE_MS = 60_000;
/** At most so much of a comparison that is killed is done again. */
const SAVE_EVERY_MS = 5_000;

function refuseUnlessDelivering({ telemetry, finalized }: Flags): void {
  if (finalized) throw moveRefused(['The box is finalized: SQLite is closed, and there is nothing to compare.']);
  if (telemetry === 'sqlite') {
    throw moveRefused(['Nothing is delivered yet: npm run cutover -- advance telemetry comes first.']);
  }
}
