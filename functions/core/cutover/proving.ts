import { MINUTE_MS } from '../clock.ts';
import type { Flags } from '../model/flags.ts';
import type { BucketPlace, Journal } from '../stores/journal.ts';
import { compare, type CompareOptions } from './compare.ts';
import type { Comparison } from './comparison.ts';
import { inTurn, type Waiting } from './comparison-turn.ts';
import type { BoxParts } from './parts.ts';
import { addToProof, NO_PROOF, Proof } from './proof.ts';
import { moveRefused } from './refused.ts';

/** How long whoever has time waits for another comparison: the box's own take up to four minutes. */
export const WAITING_MS = 5 * MINUTE_MS;

/** Buckets that did not change, looked at again beside those that did. */
const SAMPLE = 32;

export async function loadProof(journal: Journal): Promise<Proof> {
  return Proof.catch(NO_PROOF).parse((await journal.load('comparison')) ?? NO_PROOF);
}

export interface ProveOptions extends Waiting {
  /** Everything, even when everything was compared before; one that was stopped is gone on with. */
  readonly full?: boolean;
  /** Everything from the beginning. */
  readonly restart?: boolean;
  readonly patience_ms?: number;
  /** Called when its turn has come, with where it goes on; null is the beginning. */
  readonly onBegin?: (from: BucketPlace | null) => void;
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
  refuseUnlessDelivering(parts.journal.flags());
  return inTurn(parts, options, (keep) => proveNow(parts, options, keep));
}

async function proveNow(parts: BoxParts, options: ProveOptions, keep: () => Promise<void>): Promise<Proven> {
  const { journal, cloud, clock } = parts;
  const { restart = false, patience_ms, stopping } = options;
  const flags = journal.flags();
  // It may have been moved while this waited for its turn.
  refuseUnlessDelivering(flags);
  const before = await loadProof(journal);
  const full = options.full === true || restart || before.full_ms === null;
  // What was found equal stays out of the next look at what changed: only a look at everything goes on.
  const from = full && !restart ? before.resume : null;
  const started_ms = clock.now_ms();
  options.onBegin?.(from);
  // A rollback meanwhile forgot the proof: then there is nothing to add to.
  const isUnmoved = (now: Flags): boolean => now.since_ms.telemetry === flags.since_ms.telemetry && !now.finalized;
  const save = async (comparison: Comparison): Promise<Proof> => {
    const proof = addToProof(before, comparison, started_ms, clock.now_ms());
    if (await journal.save('comparison', proof, isUnmoved)) return proof;
    refuseUnlessDelivering(journal.flags());
    throw moveRefused(['Telemetry was moved while this compared: compare again.']);
  };
  let saved_ms = performance.now();
  const comparison = await compare(
    { journal, cloud, clock, ...(patience_ms === undefined ? {} : { patience_ms }) },
    {
      scope: full ? 'full' : 'changed',
      since_ms: flags.backfill_start_ms,
      sample: SAMPLE,
      from,
      stopping,
      onProgress: async (so_far) => {
        await options.onProgress?.(so_far);
        if (performance.now() - saved_ms < SAVE_EVERY_MS) return;
        saved_ms = performance.now();
        await keep();
        await save(so_far);
      },
    },
  );
  return { comparison, proof: await save(comparison) };
}

/** Proves for a bounded time, waiting included: for requests and schedules, which go on with it the next time. */
export function proveFor(parts: BoxParts, limit_ms: number, waiting: Waiting = {}): Promise<Proven> {
  const limit = AbortSignal.timeout(limit_ms);
  const stopping = waiting.stopping === undefined ? limit : AbortSignal.any([waiting.stopping, limit]);
  return prove(parts, { ...waiting, stopping, patience_ms: limit_ms / 10 });
}

/** At most so much of a comparison that is killed is done again. */
const SAVE_EVERY_MS = 5_000;

function refuseUnlessDelivering({ telemetry, finalized }: Flags): void {
  if (finalized) throw moveRefused(['The box is finalized: SQLite is closed, and there is nothing to compare.']);
  if (telemetry === 'sqlite') {
    throw moveRefused(['Nothing is delivered yet: npm run cutover -- advance telemetry comes first.']);
  }
}
