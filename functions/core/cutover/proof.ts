import * as z from 'zod';
import { MINUTE_MS } from '../clock.ts';
import type { Comparison } from './comparison.ts';

const Place = z.object({ tenant_id: z.string(), device_id: z.string(), start_ms: z.number() });

const Difference = z.object({
  tenant_id: z.string(),
  device_id: z.string(),
  timestamp_ms: z.number(),
  sqlite: z.string().nullable(),
  firestore: z.string().nullable(),
  // An earlier release knew of none.
  fault: z.string().nullable().default(null),
});

/** What all comparisons so far have shown. Kept in the box's file, so that any process goes on with it. */
export const Proof = z.object({
  /** Where a full comparison that was stopped goes on; null when none was. */
  resume: Place.nullable(),
  /** When every bucket had been compared once; null until then. */
  full_ms: z.number().nullable(),
  /** Since when no comparison has found a difference; null while one is known, or before the first has ended. */
  green_since_ms: z.number().nullable(),
  checked_ms: z.number(),
  buckets: z.number(),
  points: z.number(),
  /** Firestore documents that comparing has read. */
  reads: z.number(),
  /** Buckets that were changing whenever the last comparison looked. */
  unsettled: z.number(),
  differing: z.number(),
  differences: z.array(Difference),
});
export type Proof = z.infer<typeof Proof>;

export const NO_PROOF: Proof = {
  resume: null,
  full_ms: null,
  green_since_ms: null,
  checked_ms: 0,
  buckets: 0,
  points: 0,
  reads: 0,
  unsettled: 0,
  differing: 0,
  differences: [],
};

/** A proof older than this says nothing about now. */
export const PROOF_HOLDS_MS = 30 * MINUTE_MS;

/** The proof after one more comparison, which began at `started_ms` and ended at `now_ms`. */
export function addToProof(proof: Proof, comparison: Comparison, started_ms: number, now_ms: number): Proof {
  const sum = (of: (day: Comparison['days'][number]) => number): number =>
    comparison.days.reduce((total, day) => total + of(day), 0);
  const complete = comparison.scope === 'full' && comparison.next === null;
  const full_ms = proof.full_ms ?? (complete ? now_ms : null);
  const differing = comparison.differing.length;
  // A difference that was found stays known until a comparison of everything finds none.
  const known = differing > 0 || (proof.differing > 0 && !complete);
  const green = full_ms !== null && !known;
  return {
    resume: comparison.scope === 'full' ? comparison.next : proof.resume,
    full_ms,
    green_since_ms: green ? (proof.green_since_ms ?? started_ms) : null,
    // One that was stopped says nothing of the rest.
    checked_ms: comparison.next === null ? now_ms : proof.checked_ms,
    buckets: proof.buckets + sum(({ buckets }) => buckets),
    points: proof.points + sum(({ points }) => points),
    reads: proof.reads + comparison.reads,
    unsettled: sum(({ unsettled }) => unsettled),
    differing: differing > 0 || complete ? differing : proof.differing,
    differences: differing > 0 || complete ? comparison.differences : proof.differences,
  };
}
