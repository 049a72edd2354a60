/** Everything the gate can find: a closed set, and what each means for a move. */
import * as z from 'zod';

/**
 * `good`: as it must be. `waiting`: time alone will make it so. `wrong`: somebody must act.
 * `unknown`: nothing could be learnt. `emulator`: there is nothing to learn.
 */
export type Standing = 'good' | 'waiting' | 'wrong' | 'unknown' | 'emulator';

export const FINDINGS = {
  index_ready: 'good',
  index_creating: 'waiting',
  index_needs_repair: 'wrong',
  index_missing: 'wrong',
  index_different: 'wrong',
  index_state_unknown: 'wrong',
  exemption_ready: 'good',
  exemption_creating: 'waiting',
  exemption_needs_repair: 'wrong',
  exemption_missing: 'wrong',
  exemption_different: 'wrong',
  ttl_active: 'good',
  ttl_creating: 'waiting',
  ttl_needs_repair: 'wrong',
  ttl_missing: 'wrong',
  ttl_wrong_field: 'wrong',
  ttl_different: 'wrong',
  ttl_state_unknown: 'wrong',
  permission_denied: 'unknown',
  api_disabled: 'unknown',
  unauthenticated: 'unknown',
  unreachable: 'unknown',
  database_missing: 'unknown',
  busy: 'unknown',
  unexpected: 'unknown',
  emulator: 'emulator',
} as const satisfies Record<string, Standing>;

export type FindingCode = keyof typeof FINDINGS;

/** What moves on its own and waits for indexes. */
export const GateConcern = z.enum(['telemetry', 'audit']);
export type GateConcern = z.infer<typeof GateConcern>;

const CODES = Object.keys(FINDINGS) as [FindingCode, ...FindingCode[]];

export const Finding = z.object({
  code: z.enum(CODES),
  /** What was looked at: `index telemetry (tenant_id asc, …)`. */
  subject: z.string(),
  /** How it is and what to do: one line. */
  detail: z.string(),
  /** The concern that cannot move reads while this is not good; null when it is only told. */
  concern: GateConcern.nullable(),
  /** Since when it has been seen so, without a break. */
  since_ms: z.number(),
});
export type Finding = z.infer<typeof Finding>;

/** A finding before it is known since when. */
export type FreshFinding = Omit<Finding, 'since_ms'>;

export const standingOf = ({ code }: Pick<Finding, 'code'>): Standing => FINDINGS[code];

const CONCERN_OF: Readonly<Record<string, GateConcern>> = { telemetry: 'telemetry', audit_log: 'audit' };

/** Whose reads a collection serves; null where no move waits for its indexes. */
export const concernOf = (collection: string): GateConcern | null => CONCERN_OF[collection] ?? null;
