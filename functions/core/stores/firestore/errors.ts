/** What the SDK's errors mean, in one place. Numbers are gRPC status codes. */
import { Problem, storeUnavailable } from '../../errors.ts';

const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const FAILED_PRECONDITION = 9;
const ABORTED = 10;

/** CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, PERMISSION_DENIED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE, DATA_LOSS, UNAUTHENTICATED. */
const UNAVAILABLE_CODES: ReadonlySet<number> = new Set([1, 2, 4, 7, 8, ABORTED, 13, 14, 15, 16]);

/**
 * "The query requires an index. You can create it here: …", "The query requires an index. That index is currently
 * building and cannot be used yet. …", "The query requires a COLLECTION_ASC index for …".
 */
const INDEX_TEXT = /\bquery requires an? (?:[A-Z_]+ )?index\b/;

/** A commit that changed nothing because the store is no longer as its preconditions say. */
export function isLostPrecondition(error: unknown): boolean {
  const code = codeOf(error);
  return code === NOT_FOUND || code === ALREADY_EXISTS || code === FAILED_PRECONDITION || code === ABORTED;
}

/** A document that was to be created is there already. */
export function isCollision(error: unknown): boolean {
  return codeOf(error) === ALREADY_EXISTS;
}

/**
 * What to throw for an error of the SDK; anything that is a mistake of ours stays as it is. FAILED_PRECONDITION is an
 * index only when a query met it (`explainQuery`). From a transaction's commit it is a lost precondition, and from a get
 * a database that is disabled, in another mode or without its key: either way the store did not do its work, and a later
 * try may succeed.
 */
export function explain(error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  return code === FAILED_PRECONDITION || UNAVAILABLE_CODES.has(code) ? storeUnavailable(error) : error;
}

/** The same for an error of a query, which may lack its index. */
export function explainQuery(error: unknown): unknown {
  return isIndexNotReady(error) ? indexNotReady(error) : explain(error);
}

/**
 * Whether a query failed because its index is missing or still being built. Only the text tells: the code is that of
 * every other precondition too. Ask it of queries alone.
 */
export function isIndexNotReady(error: unknown): boolean {
  return codeOf(error) === FAILED_PRECONDITION && error instanceof Error && INDEX_TEXT.test(error.message);
}

/** Others changed the same documents again and again while we tried. */
export function tooContended(): Problem {
  return storeUnavailable(new Error('lost too many races for the same document'), 1);
}

function indexNotReady(cause: unknown): Problem {
  return new Problem('index_not_ready', 'An index of the store is missing or still being built; try again shortly.', {
    retry_after_s: 30,
    cause,
  });
}

function codeOf(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}
