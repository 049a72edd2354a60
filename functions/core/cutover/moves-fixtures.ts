/** Where a box may stand, and how well, for tests of what moves it. */
import assert from 'node:assert/strict';
import { DAY_MS } from '../clock.ts';
import { ALL_SQLITE, type Flags } from '../model/flags.ts';
import { NO_ROWS, type BoxState, type Dirty } from '../stores/journal.ts';
import { DEFAULT_MIN_GREEN_MS } from './limits.ts';
import type { Circumstances } from './moves.ts';
import { NO_PROOF, type Proof } from './proof.ts';

export const NOW_MS = 1_000 * DAY_MS;
export const CLEAN: Dirty = {
  buckets: 0,
  rows: NO_ROWS,
  oldest_ms: null,
  older_buckets: 0,
};
export const GREEN: Proof = {
  ...NO_PROOF,
  full_ms: NOW_MS - 2 * DAY_MS,
  green_since_ms: NOW_MS - DAY_MS,
  checked_ms: NOW_MS,
  buckets: 10,
  points: 100,
};
export const WELL: Circumstances = {
  now_ms: NOW_MS,
  gate: [],
  cloud: [],
  proof: GREEN,
  min_green_ms: DEFAULT_MIN_GREEN_MS,
  waive: null,
};

export const at = (flags: Partial<Flags>, dirty: Partial<Dirty> = {}): BoxState => ({
  flags: { ...ALL_SQLITE, ...flags },
  dirty: { ...CLEAN, ...dirty },
  has_points: true,
});
export const dual = at({ telemetry: 'dual' });

/** That there is one reason, and which. */
export function only(reasons: readonly string[], pattern: RegExp): void {
  assert.equal(reasons.length, 1, reasons.join(' | '));
  assert.match(reasons[0] ?? '', pattern);
}
