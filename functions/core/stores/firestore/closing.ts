import type { Firestore } from '@google-cloud/firestore';
import { setTimeout as sleep } from 'node:timers/promises';

const CLOSING_MS = 2_000;

/** What each client still tries, past our own deadlines too. */
const underway = new WeakMap<Firestore, Set<Promise<unknown>>>();

/** Remembers `work` until it has settled. */
export function tracked<T>(firestore: Firestore, work: Promise<T>): Promise<T> {
  const all = underway.get(firestore) ?? new Set();
  underway.set(firestore, all.add(work));
  const done = (): void => void all.delete(work);
  work.then(done, done);
  return work;
}

/**
 * Ends a client, or leaves it to end by itself: a store that is away must not keep a process from ending. While the client
 * still tries something it is not terminated, because a read that is between two tries then fails where nobody can catch it.
 */
export async function closeSoon(firestore: Firestore): Promise<void> {
  const ended = Promise.allSettled([...(underway.get(firestore) ?? [])]).then(() => firestore.terminate());
  await Promise.race([ended, sleep(CLOSING_MS, undefined, { ref: false })]);
}
