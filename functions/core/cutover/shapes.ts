/** What the cutover takes from outside and tells outside: the shapes, once, for the door and for the page. */
import * as z from 'zod';
import { CONCERNS } from '../model/flags.ts';

/** The longest reason an operator may give: the audit log keeps it. */
export const MAX_WORDS = 500;

/** Why a box that was told of no project does not move: the page knows it by these words. */
export const NO_PROJECT = 'No project to move to: set GCP_PROJECT_ID (and FIRESTORE_EMULATOR_HOST for the emulator).';

const Words = z.string().trim().min(1).max(MAX_WORDS);
const Ms = z.int().min(0);
const concern = z.enum(CONCERNS);

/** What a platform administrator may ask for. */
export const CutoverBody = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('advance'),
    concern,
    min_green_ms: Ms.optional(),
    emulator: z.boolean().optional(),
    waive_older: Words.optional(),
    backfill_start_ms: Ms.optional(),
  }),
  z.strictObject({ action: z.literal('rollback'), concern, reason: Words }),
  z.strictObject({ action: z.literal('compare') }),
  z.strictObject({ action: z.literal('finalize'), confirm: z.literal('finalize') }),
]);
export type CutoverBody = z.infer<typeof CutoverBody>;

const Time = () => z.int().nullable();
const Reasons = () => z.array(z.string());

/** Where the cutover stands; the answer to every question and every move. */
export const CutoverAnswer = () =>
  z.object({
    now_ms: z.int(),
    finalized: z.boolean(),
    concerns: z.array(
      z.object({
        concern: z.enum(CONCERNS),
        phase: z.string(),
        since_ms: Time(),
        next: z.object({ from: z.string(), to: z.string() }).nullable(),
        reasons: Reasons(),
      }),
    ),
    finalize: z.object({ reasons: Reasons() }),
    backfill_start_ms: Time(),
    waived: z.string().nullable(),
    frozen_until_ms: Time(),
    closing_until_ms: Time(),
    dirty: z.object({
      buckets: z.int(),
      older_buckets: z.int(),
      rows: z.record(z.string(), z.int()),
      oldest_ms: Time(),
    }),
    delivery: z.object({ at_ms: z.int(), per_minute: z.int(), failing_since_ms: Time() }).nullable(),
    cut_events: z.array(z.string()),
    published: z.boolean(),
    proof: ProofAnswer(),
    gate: z.object({ state: z.string(), checked_ms: Time() }),
  });
export type CutoverAnswer = z.infer<ReturnType<typeof CutoverAnswer>>;

const ProofAnswer = () =>
  z.object({
    full_ms: Time(),
    green_since_ms: Time(),
    checked_ms: Time(),
    buckets: z.int(),
    points: z.int(),
    reads: z.int(),
    unsettled: z.int(),
    differing: z.int(),
    differences: z.array(
      z.object({
        tenant_id: z.string(),
        device_id: z.string(),
        timestamp_ms: z.int(),
        sqlite: z.string().nullable(),
        firestore: z.string().nullable(),
        fault: z.string().nullable(),
      }),
    ),
  });
