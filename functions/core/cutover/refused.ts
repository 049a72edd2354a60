import { Problem } from '../errors.ts';
import { SYSTEM_TENANT } from '../model/names.ts';
import { Meter } from '../observability/meter.ts';
import type { Backend } from '../stores/contracts.ts';
import type { BoxState, Journal, Move } from '../stores/journal.ts';

/** What a transaction decided: no flags and all reasons, or flags and none. */
export interface Decided extends Move {
  readonly reasons: readonly string[];
}

/** Lets `decide` in one transaction and carries out what it says, or throws its refusal. Both are audited. */
export async function carryOut<T extends Decided>(
  { journal, backend }: { readonly journal: Journal; readonly backend: Backend },
  decide: (state: BoxState) => T,
): Promise<T> {
  const decided = await journal.move(decide);
  if (decided.reasons.length === 0) return decided;
  if (journal.flags().finalized) {
    await backend.withMeter(new Meter()).forTenant(SYSTEM_TENANT).audit.append(decided.audit);
  }
  throw moveRefused(decided.reasons);
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
