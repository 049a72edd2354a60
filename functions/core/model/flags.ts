/** Which store answers for a concern, while a box moves from SQLite to Firestore. */

export const CONCERNS = ['telemetry', 'audit', 'auth'] as const;
export type Concern = (typeof CONCERNS)[number];

/** `dual`: delivered to Firestore, read from SQLite. */
export const TELEMETRY_PHASES = ['sqlite', 'dual', 'firestore'] as const;
export const AUDIT_PHASES = ['sqlite', 'firestore'] as const;
/** `moving`: people cannot be changed while the last of them are copied and verified. */
export const AUTH_PHASES = ['sqlite', 'moving', 'firestore'] as const;

export type Phase = (typeof TELEMETRY_PHASES)[number] | (typeof AUTH_PHASES)[number];

/** The running values. On a box they are one row of its SQLite file, read inside the transactions they decide. */
export interface Flags {
  readonly telemetry: (typeof TELEMETRY_PHASES)[number];
  readonly audit: (typeof AUDIT_PHASES)[number];
  readonly auth: (typeof AUTH_PHASES)[number];
  /** The box stopped writing SQLite; Firestore alone holds what comes. There is no way back. */
  readonly finalized: boolean;
  /** Since when each concern is in its phase. */
  readonly since_ms: Readonly<Record<Concern, number>>;
  /** Telemetry before it need not be in Firestore: it was migrated before, or waived. */
  readonly backfill_start_ms: number;
  /** In whose words older history was waived; null when there was none, or it was migrated. */
  readonly waived: string | null;
  /** While `auth` is `moving`: until when people cannot be changed. A move that died thaws by itself. */
  readonly frozen_until_ms: number;
  /** Until when nothing may be stored, because the last of it is being delivered. An end that died opens by itself. */
  readonly closing_until_ms: number;
}

/** Seeds of a home whose flags have no row yet, from the environment. */
export type Seeds = Readonly<Record<Concern, boolean>>;

export const NO_SEEDS: Seeds = { telemetry: false, audit: false, auth: false };

/** Before anything moved. */
export const ALL_SQLITE: Flags = {
  telemetry: 'sqlite',
  audit: 'sqlite',
  auth: 'sqlite',
  finalized: false,
  since_ms: { telemetry: 0, audit: 0, auth: 0 },
  backfill_start_ms: 0,
  waived: null,
  frozen_until_ms: 0,
  closing_until_ms: 0,
};

export function seededFlags(seeds: Seeds, now_ms: number): Flags {
  return {
    ...ALL_SQLITE,
    telemetry: seeds.telemetry ? 'firestore' : 'sqlite',
    audit: seeds.audit ? 'firestore' : 'sqlite',
    auth: seeds.auth ? 'firestore' : 'sqlite',
    since_ms: { telemetry: now_ms, audit: now_ms, auth: now_ms },
  };
}

/** A home that is on Firestore alone, and always was. */
export const ALL_FIRESTORE: Flags = {
  ...seededFlags({ telemetry: true, audit: true, auth: true }, 0),
  finalized: true,
};
