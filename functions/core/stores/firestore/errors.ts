/** What the SDK's errors mean to who asked. What follows from them for the store itself is in `verdicts.ts`. */
import { AccessRefused, Problem, storeUnavailable } from '../../errors.ts';
import { CODES, codeOf, verdictOn } from './verdicts.ts';

const LOST_PRECONDITIONS: ReadonlySet<number> = new Set([
  CODES.NOT_FOUND,
  CODES.ALREADY_EXISTS,
  CODES.FAILED_PRECONDITION,
  CODES.ABORTED,
]);

/**
 * "The query requires an index. You can create it here: …", "The query requires an index. That index is currently
 * building and cannot be used yet. …", "The query requires a COLLECTION_ASC index for …".
 */
const INDEX_TEXT = /\bquery requires an? (?:[A-Z_]+ )?index\b/;
const BUILDING_TEXT = /\bcurrently building\b/;

/** Seconds: whoever is shed comes back spread over this. */
const SHED_S = { least: 5, spread: 15 };
const REFUSED_S = 30;

/** A commit that changed nothing because the store is no longer as its preconditions say. */
export function isLostPrecondition(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && LOST_PRECONDITIONS.has(code);
}

/** CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE. */
const UNKNOWN_OUTCOMES: ReadonlySet<number> = new Set([1, 2, 4, 13, 14]);

/** Nobody knows whether what was asked for was done. */
export function isOutcomeUnknown(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && UNKNOWN_OUTCOMES.has(code);
}

/** A document that was to be created is there already. */
export function isCollision(error: unknown): boolean {
  return codeOf(error) === CODES.ALREADY_EXISTS;
}

/**
 * What to throw for an error of the SDK; anything that is a mistake of ours stays as it is. FAILED_PRECONDITION is an
 * index only when a query met it (`explainQuery`). From a transaction's commit it is a lost precondition, and from a get
 * a database that is disabled, in another mode or without its key: either way the store did not do its work, and a later
 * try may succeed. That Firestore refuses us is never the fault of who asked, so it is no 403.
 */
export function explain(error: unknown): unknown {
  switch (verdictOn(error).told) {
    case 'mistake':
      return error;
    case 'access':
      return storeUnavailable(new AccessRefused(error), REFUSED_S);
    case 'shed':
      return storeUnavailable(error, SHED_S.least + Math.floor(Math.random() * SHED_S.spread));
    case 'unavailable':
      return storeUnavailable(error);
  }
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
  return codeOf(error) === CODES.FAILED_PRECONDITION && error instanceof Error && INDEX_TEXT.test(error.message);
}

/** Whether the index is missing: nothing will come of waiting, somebody must deploy it. */
export function isIndexMissing(error: unknown): boolean {
  return isIndexNotReady(error) && error instanceof Error && !BUILDING_TEXT.test(error.message);
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
