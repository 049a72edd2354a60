import type { BucketPlace } from '../stores/journal.ts';
import { cutoverEvent, type Operator } from './events.ts';
import type { BoxParts } from './parts.ts';

/**
 * Has buckets that differ delivered again, as SQLite has them, and every row, whether any bucket differs or not: rows that
 * Firestore lost nothing else would ever deliver again, while the buckets of devices that post mend themselves. Nothing is deleted: a point that only Firestore has stays there, and
 * the next comparison names it again. Answers how many buckets there were.
 */
export async function repair(
  { journal, clock, ids }: Pick<BoxParts, 'journal' | 'clock' | 'ids'>,
  by: Operator,
  differing: readonly BucketPlace[],
): Promise<number> {
  const detail = `every row, and buckets that differ, to be delivered again: ${String(differing.length)}`;
  const audit = cutoverEvent({ clock, ids }, by, 'cutover.repair', { outcome: 'success', target: 'telemetry', detail });
  await journal.move(() => ({ flags: null, audit, mark_all: true }));
  for (const bucket of differing) await journal.undelivered(bucket);
  return differing.length;
}
