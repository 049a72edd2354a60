/** What a move waits for, said once it takes long: a Firestore that answers nothing keeps it for seconds. */

const QUIET_MS = 2_000;

const WAITING = {
  advance: 'Waiting for Firestore: what it says decides about the step. Without an answer this ends by itself.',
  rollback: 'Waiting for Firestore, which is to be told. The reads turn round without its answer.',
  finalize: 'Waiting for Firestore, which must have everything first. Without an answer the box goes on as it was.',
} as const;

/** Does `work`, and says what it waits for when that is not done soon. */
export async function waitingFor<T>(move: keyof typeof WAITING, work: () => Promise<T>): Promise<T> {
  const saying = setTimeout(() => console.error(WAITING[move]), QUIET_MS);
  try {
    return await work();
  } finally {
    clearTimeout(saying);
  }
}
