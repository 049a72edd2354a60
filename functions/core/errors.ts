/**
 * Every way a request can fail, with its HTTP status. A closed set: a code that is not here cannot be answered.
 * Source: the contract's list of codes; titles are shown to people.
 */
export const PROBLEMS = {
  malformed_request: { status: 400, title: 'The request is malformed' },
  invalid_cursor: { status: 400, title: 'The cursor does not belong to this query' },
  unauthenticated: { status: 401, title: 'Sign in, or send a live device key' },
  invalid_credentials: { status: 401, title: 'Username or password is wrong' },
  reauthentication_required: { status: 401, title: 'Sign in again' },
  tenant_mismatch: { status: 403, title: 'The tenant header is missing or names another tenant' },
  device_forbidden: { status: 403, title: 'No such device in your tenant' },
  role_required: { status: 403, title: 'Your role does not allow this' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  already_exists: { status: 409, title: 'It exists already' },
  precondition_failed: { status: 409, title: 'The state does not allow this' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'Send JSON, not compressed' },
  nothing_accepted: { status: 422, title: 'No point was accepted' },
  device_write_budget: { status: 429, title: "The device's write budget for this minute is used up" },
  read_budget: { status: 429, title: 'The read budget for this minute is used up' },
  sign_in_throttled: { status: 429, title: 'Too many failed sign-ins' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  store_unavailable: { status: 503, title: 'The store does not answer' },
  index_not_ready: { status: 503, title: 'The index is not ready' },
  overloaded: { status: 503, title: 'Too much work at once' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** What a problem document may carry beyond its code. */
export interface ProblemExtras {
  /** Seconds after which trying again makes sense: the `Retry-After` header of every 429 and 503. */
  readonly retry_after_s?: number;
  /** Further members of the problem document, such as `limit`, `used`, `reset_ms`, `rejected`. */
  readonly members?: Readonly<Record<string, unknown>>;
  /** What was asked for in vain, for the audit log alone: an answer must not differ by it. */
  readonly claimed?: string | undefined;
  readonly cause?: unknown;
}

/** A failure an outsider may see. `detail` says what to do next and never holds a secret or another tenant's data. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly detail: string;
  readonly retry_after_s: number | undefined;
  readonly members: Readonly<Record<string, unknown>>;
  readonly claimed: string | undefined;

  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(`${code}: ${detail}`, { cause: extras.cause });
    this.code = code;
    this.detail = detail;
    this.retry_after_s = extras.retry_after_s;
    this.members = extras.members ?? {};
    this.claimed = extras.claimed;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }
}

const TRY_AGAIN = 'Try again shortly.';

/** The store did not answer in time or refused to work; the outcome of a write may be unknown. */
export function storeUnavailable(cause: unknown, retry_after_s = 5): Problem {
  return new Problem('store_unavailable', TRY_AGAIN, { retry_after_s, cause });
}

/** The store is known to be away, so it was not asked: there is no cause to log. */
export function storeAway(retry_after_s: number): Problem {
  return new Problem('store_unavailable', TRY_AGAIN, { retry_after_s });
}

/** The store refuses the account that this process runs as: a mistake of the set-up, never of a request. */
export class AccessRefused extends Error {
  override readonly name = 'AccessRefused';

  constructor(cause: unknown) {
    super('Firestore refuses the account that this runs as', { cause });
  }
}

/** A mistake in start-up configuration or use of a command, told in one line; never shown over HTTP. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}

/**
 * A store answered with a document of another tenant than the one it was asked for: a fault of ours or of the store,
 * never of a request. Nobody sees the document; over HTTP it is `internal`.
 */
export class TenantLeak extends Error {
  override readonly name = 'TenantLeak';

  /** `path` names the document for the log. */
  constructor(path: string, asked_tenant_id: string) {
    super(`${path} came to light when tenant ${asked_tenant_id} was asked for, and is not that tenant's`);
  }
}

/**
 * A stored document is not as this suite writes it: somebody changed it by hand. Nobody sees what it holds; over HTTP it is
 * `internal`, unless a box can answer from its own file.
 */
export class BrokenDocument extends Error {
  override readonly name = 'BrokenDocument';
  /** What is wrong with it, as the end of a sentence. */
  readonly fault: string;

  /** `path` names the document for the log. */
  constructor(path: string, fault: string) {
    super(`${path}: ${fault}`);
    this.fault = fault;
  }
}
