/**
 * What each failure of Firestore means, in one place: whether it is tried again, whether it says that the store is away, and
 * what the caller is told. The reasons are in docs/decisions/0010-resilience.md. Keys are gRPC status codes.
 */

/**
 * What was asked. A transaction begins with fresh reads, so to repeat it is to read again: what it finds may be its own work,
 * when only the answer was lost.
 */
export type Asking = 'read' | 'commit' | 'transaction';

export interface Verdict {
  readonly name: string;
  /** What of it is tried again by us; the SDK tries nothing again but ABORTED. */
  readonly again: readonly Asking[];
  /** Counts towards opening the breaker. All else, a refusal too, is an answer. */
  readonly trips: boolean;
  /** `unavailable`: 503. `mistake`: thrown on as it is, which is 500 over HTTP. */
  readonly told: 'unavailable' | 'access' | 'shed' | 'mistake';
}

const NEVER: readonly Asking[] = [];
const READS: readonly Asking[] = ['read', 'transaction'];
const ALL: readonly Asking[] = ['read', 'commit', 'transaction'];

export const CODES = {
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  UNAUTHENTICATED: 16,
} as const;

const VERDICTS: Readonly<Record<number, Verdict>> = {
  1: { name: 'CANCELLED', again: NEVER, trips: false, told: 'unavailable' },
  2: { name: 'UNKNOWN', again: NEVER, trips: false, told: 'unavailable' },
  4: { name: 'DEADLINE_EXCEEDED', again: NEVER, trips: true, told: 'unavailable' },
  5: { name: 'NOT_FOUND', again: NEVER, trips: false, told: 'mistake' },
  6: { name: 'ALREADY_EXISTS', again: NEVER, trips: false, told: 'mistake' },
  7: { name: 'PERMISSION_DENIED', again: NEVER, trips: false, told: 'access' },
  8: { name: 'RESOURCE_EXHAUSTED', again: NEVER, trips: false, told: 'shed' },
  9: { name: 'FAILED_PRECONDITION', again: NEVER, trips: false, told: 'unavailable' },
  10: { name: 'ABORTED', again: NEVER, trips: false, told: 'unavailable' },
  13: { name: 'INTERNAL', again: READS, trips: true, told: 'unavailable' },
  14: { name: 'UNAVAILABLE', again: ALL, trips: true, told: 'unavailable' },
  15: { name: 'DATA_LOSS', again: NEVER, trips: false, told: 'unavailable' },
  16: { name: 'UNAUTHENTICATED', again: NEVER, trips: false, told: 'access' },
};

const MISTAKE: Verdict = { name: 'a mistake of ours', again: NEVER, trips: false, told: 'mistake' };

export function verdictOn(error: unknown): Verdict {
  return VERDICTS[codeOf(error) ?? -1] ?? MISTAKE;
}

/** What gRPC says when it has no token for a call, whatever the code; and what of that is the network's fault. */
export const NO_TOKEN = 'Getting metadata from plugin failed';
export const NO_NETWORK = /ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/;

/** A failure of an attempt carries its code as text: see `attempts.ts`. */
export function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const { code, message } = error;
  if (message.includes(NO_TOKEN) && !NO_NETWORK.test(message)) return CODES.UNAUTHENTICATED;
  if (typeof code === 'number') return code;
  return typeof code === 'string' && /^\d+$/.test(code) ? Number(code) : undefined;
}

/** "The database (default) does not exist for project …", and never "No document to update: …". */
const NO_DATABASE = /^(?:\d+ NOT_FOUND: )?(?:The )?(?:database|project)\b/i;

/**
 * A missing document is an answer: what is not found otherwise is the database, or its project. That is as good as a
 * refusal of all that is asked, and is told as one.
 */
export function withoutDatabase(error: unknown, asking: Asking): unknown {
  if (codeOf(error) !== CODES.NOT_FOUND || !(error instanceof Error)) return error;
  if (asking !== 'read' && !NO_DATABASE.test(error.message)) return error;
  return Object.assign(new Error('there is no such database', { cause: error }), { code: CODES.PERMISSION_DENIED });
}
