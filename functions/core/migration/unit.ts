import type { ImportStore, RowCount } from '../stores/import.ts';
import type { Comparison, Tally } from './tally.ts';

/** A part of a migration that is stored in one commit. */
export interface Unit {
  /** What reading its rows came to; `stored` and the like are still 0. */
  readonly reading: Tally;
  readonly tenant_ids: readonly string[];
  /** Whose writes are spaced by `--rate`; null for what has no device. */
  readonly paced_by: string | null;
  /** Puts what is not there, and says what came of it. */
  put(store: ImportStore): Promise<Tally>;
  compare(store: ImportStore): Promise<Comparison>;
}

/** One kind of migration. Units come in the same order every time, as long as the legacy file does not change. */
export interface Source {
  /** Devices met in the asked time; all of them are registered. */
  readonly devices: number;
  /** Those that the units will tell of, and those that are not even read. */
  readonly rows: RowCount;
  /** From the first one, at each call. */
  units(): Iterable<Unit> | AsyncIterable<Unit>;
}
