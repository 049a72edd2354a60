/** What came of a migration, in counts with a few examples each; kept in the checkpoint and in the report. */
import * as z from 'zod';

const MAX_EXAMPLES = 5;

const Told = z.object({ count: z.int(), examples: z.array(z.string()) });
export type Told = z.infer<typeof Told>;

export const Tally = z.object({
  /** Rows of the legacy table that were looked at. */
  rows: z.int(),
  stored: z.int(),
  /** The same was stored before. */
  already_there: z.int(),
  /** Past retention: left out. */
  expired: z.int(),
  /** Older than what was asked for, or of another tenant: left out. */
  left_out: z.int(),
  /** Rows that cannot be stored, by reason. */
  refused: z.record(z.string(), Told),
  /** Something else is stored in their place, and stays. */
  conflicts: Told,
});
export type Tally = z.infer<typeof Tally>;

export function emptyTally(): Tally {
  return { rows: 0, stored: 0, already_there: 0, expired: 0, left_out: 0, refused: {}, conflicts: nothingTold() };
}

export function nothingTold(): Told {
  return { count: 0, examples: [] };
}

/** Counts one more, and keeps the first few by name. */
export function tell(told: Told, example: string): void {
  told.count += 1;
  if (told.examples.length < MAX_EXAMPLES) told.examples.push(example);
}

export function refuse(tally: Tally, reason: string, example: string): void {
  tell((tally.refused[reason] ??= nothingTold()), example);
}

export function addTally(sum: Tally, more: Tally): void {
  sum.rows += more.rows;
  sum.stored += more.stored;
  sum.already_there += more.already_there;
  sum.expired += more.expired;
  sum.left_out += more.left_out;
  addTold(sum.conflicts, more.conflicts);
  for (const [reason, told] of Object.entries(more.refused)) addTold((sum.refused[reason] ??= nothingTold()), told);
}

export function addTold(sum: Told, more: Told): void {
  sum.count += more.count;
  sum.examples.push(...more.examples.slice(0, MAX_EXAMPLES - sum.examples.length));
}

export function refusedRows({ refused }: Tally): number {
  return Object.values(refused).reduce((sum, { count }) => sum + count, 0);
}

/** Both sides of a unit, compared. */
export interface Comparison {
  /** Rows, or points, that should be stored. */
  readonly expected: number;
  readonly equal: number;
  readonly missing: Told;
  readonly different: Told;
  /** Of the equal: people whose hash was renewed at a sign-in since, and is kept. */
  readonly renewed: number;
  /** SHA-256 over what is stored of what was expected, in order. */
  readonly checksum: string;
}
