import { Problem } from '../errors.ts';
import type { BoxParts } from './parts.ts';
import { moveRefused } from './refused.ts';

type ClaimParts = Pick<BoxParts, 'mirror' | 'journal' | 'clock' | 'ids'>;

/** Whether Firestore answers, and whether its database is free for this box: every reason why not. */
export async function reasonsAgainstClaim({ mirror, journal, ids }: ClaimParts): Promise<readonly string[]> {
  try {
    const known = await mirror.readFlags();
    const ours = known === null || known.box_id === (await journal.boxId(ids.uuid()));
    return ours ? [] : [takenBy(known.box_id)];
  } catch (error) {
    if (error instanceof Problem) return ['Firestore does not answer: look at its state, and at GCP_PROJECT_ID.'];
    throw error;
  }
}

/**
 * Takes the database for this box, or says how far the box is: the cloud's functions answer 503 until it is finalized. A
 * database that is another's is left alone, and the refusal says whose it is.
 */
export async function publish({ mirror, journal, clock, ids }: ClaimParts): Promise<void> {
  const box_id = await journal.boxId(ids.uuid());
  const owner = await mirror.writeFlags({ flags: journal.flags(), updated_ms: clock.now_ms(), box_id });
  if (owner !== box_id) throw moveRefused([takenBy(owner ?? undefined)]);
}

function takenBy(box_id: string | undefined): string {
  if (box_id === undefined) return 'This project is a cloud home already: it cannot take another box.';
  return 'Another box is moving to this project already: name a project of its own.';
}
