import { isDeepStrictEqual } from 'node:util';
import { SECOND_MS } from '../clock.ts';
import { Problem } from '../errors.ts';
import type { Flags } from '../model/flags.ts';
import { stackOf } from '../observability/log.ts';
import { withDeadline } from '../resilience/deadline.ts';
import type { Journal } from '../stores/journal.ts';
import type { CloudFlags } from '../stores/mirror.ts';
import type { BoxParts } from './parts.ts';
import { moveRefused } from './refused.ts';

export type ClaimParts = Pick<BoxParts, 'mirror' | 'journal' | 'clock' | 'ids'>;

/** How long whoever made a move waits until the cloud knows of it. */
const TELLING_MS = 2 * SECOND_MS;

/** Whether Firestore answers, and whether its database is free for this box: every reason why not. */
export async function reasonsAgainstClaim({ mirror, journal, ids }: ClaimParts): Promise<readonly string[]> {
  try {
    const known = await mirror.readFlags();
    const reason = known === null ? null : notOurs(known, journal.flags(), await journal.boxId(ids.uuid()));
    return reason === null ? [] : [reason];
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
  const held = await mirror.writeFlags(() => {
    return { flags: lasting(journal.flags()), updated_ms: clock.now_ms(), box_id };
  });
  const reason = notOurs(held, journal.flags(), box_id);
  if (reason !== null) throw moveRefused([reason]);
  await journal.save('published', held.flags);
}

/** Whether the cloud knows how far this box is. What it does not know is owed, by whichever process finds out. */
export async function isPublished(journal: Journal): Promise<boolean> {
  return !journal.isSet() || isDeepStrictEqual(await journal.load('published'), lasting(journal.flags()));
}

/** Tells the cloud of a move that was made. When that fails it stays owed: the box's server goes on trying. */
export async function tellCloud(parts: ClaimParts & Pick<BoxParts, 'logger'>): Promise<void> {
  try {
    await withDeadline(publish(parts), TELLING_MS);
  } catch (error) {
    parts.logger.log('WARNING', 'the cloud could not be told of the move yet', { stack: stackOf(error) });
  }
}

/** What is so for a moment only, while a move is made, is nothing to tell. */
function lasting(flags: Flags): Flags {
  const auth = flags.auth === 'moving' ? 'sqlite' : flags.auth;
  return { ...flags, auth, frozen_until_ms: 0, closing_until_ms: 0 };
}

function notOurs({ box_id, flags }: CloudFlags, ours: Flags, our_id: string): string | null {
  if (box_id === undefined) return 'This project is a cloud home already: it cannot take another box.';
  if (box_id !== our_id) return 'Another box is moving to this project already: name a project of its own.';
  if (!flags.finalized || ours.finalized) return null;
  return 'Firestore knows this box as finalized: this file is an older copy of it, and must not be used any more.';
}
