/** Audit events that no Firestore document can hold: which ones had to be cut, for `status` to name. */
import * as z from 'zod';
import type { Journal } from '../stores/journal.ts';

/** So many are named. */
const MOST_NAMED = 100;

/** The ids of events that were cut on their way to Firestore: the first hundred. */
export async function cutEvents(journal: Journal): Promise<readonly string[]> {
  return z
    .array(z.string())
    .catch([])
    .parse(await journal.load('cut_events'));
}

export async function rememberCut(journal: Journal, event_ids: readonly string[]): Promise<void> {
  const known = await cutEvents(journal);
  const all = [...new Set([...known, ...event_ids])];
  if (all.length > known.length) await journal.save('cut_events', all.slice(0, MOST_NAMED));
}
