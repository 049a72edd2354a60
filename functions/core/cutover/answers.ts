/** The cutover's standing as outsiders are told of it. */
import type { Proof } from './proof.ts';
import type { CutoverAnswer } from './shapes.ts';
import type { CutoverStatus } from './status.ts';

/** What outsiders see of it: where a comparison goes on is nobody's business, and a time that never was is null. */
export function cutoverAnswer({ now_ms, flags, concerns, finalize, ...status }: CutoverStatus): CutoverAnswer {
  return {
    now_ms,
    finalized: flags.finalized,
    concerns: concerns.map((one) => ({ ...one, since_ms: timeOf(one.since_ms), reasons: [...one.reasons] })),
    finalize: { reasons: [...finalize] },
    backfill_start_ms: timeOf(flags.backfill_start_ms),
    waived: flags.waived,
    frozen_until_ms: timeOf(flags.frozen_until_ms),
    closing_until_ms: timeOf(flags.closing_until_ms),
    dirty: status.dirty,
    delivery: status.delivery,
    cut_events: [...status.cut_events],
    published: status.published,
    proof: proofAnswer(status.proof),
    gate: status.gate,
  };
}

function proofAnswer({ full_ms, green_since_ms, checked_ms, buckets, points, reads, ...proof }: Proof) {
  const { unsettled, differing, differences } = proof;
  const looked = { full_ms, green_since_ms, checked_ms: timeOf(checked_ms) };
  return { ...looked, buckets, points, reads, unsettled, differing, differences };
}

function timeOf(ms: number): number | null {
  return ms === 0 ? null : ms;
}
