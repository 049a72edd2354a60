import { Problem } from '../errors.ts';
import type { Move } from '../stores/journal.ts';

/** What a transaction decided: no flags and all reasons, or flags and none. */
export interface Decided extends Move {
  readonly reasons: readonly string[];
}

/** A move that may not be made now: 409 with every reason, exit 1 on the command line. */
export function moveRefused(reasons: readonly string[]): Problem {
  return new Problem('precondition_failed', reasons.join(' '), { members: { reasons } });
}

/** The reasons of a refused move; null for any other error. */
export function reasonsOf(error: unknown): readonly string[] | null {
  if (!(error instanceof Problem) || error.code !== 'precondition_failed') return null;
  const { reasons } = error.members;
  return Array.isArray(reasons) ? reasons.map(String) : null;
}
