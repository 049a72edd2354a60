/** What the SDK's errors mean, in one place. Numbers are gRPC status codes. */
import { Problem, storeUnavailable } from '../../errors.ts';

const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const FAILED_PRECONDITION = 9;
const ABORTED = 10;

/** CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, PERMISSION_DENIED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE, DATA_LOSS, UNAUTHENTICATED. */
const UNAVAILABLE_CODES: ReadonlySet<number> = new Set([1, 2, 4, 7, 8, ABORTED, 13, 14, 15, 16]);

/** A commit that changed nothing because the store is no longer as its preconditions say. */
export function isLostPrecondition(error: unknown): boolean {
  const code = codeOf(error);
  return code === NOT_FOUND || code === ALREADY_EXISTS || code === FAILED_PRECONDITION || code === ABORTED;
}

/** A document that was to be created is there already. */
export function isCollision(error: unknown): boolean {
  return codeOf(error) === ALREADY_EXISTS;
}

/** What to throw for an error of the SDK; anything that is a mistake of ours stays as it is. */
export function explain(error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  if (code === FAILED_PRECONDITION) return indexNotReady(error);
  return UNAVAILABLE_CODES.has(code) ? storeUnavailable(error) : error;
}

/** Others changed the same documents again and again while we tried. */
export function tooContended(): Problem {
  return storeUnavailable(new Error('lost too many races for the same document'), 1);
}

function indexNotReady(cause: unknown): Problem {
  return new Problem('index_not_ready', 'An index of the store is still being built; try again shortly.', {
    retry_after_s: 30,
    cause,
  });
}

function codeOf(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}
