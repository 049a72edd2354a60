/** One comparison of a box at a time: a lease in its file says whose turn it is, and others may wait for theirs. */
import { setTimeout as sleep } from 'node:timers/promises';
import { MINUTE_MS, SECOND_MS } from '../clock.ts';
import type { BoxParts } from './parts.ts';
import { moveRefused } from './refused.ts';

/** A comparison that was killed holds others up for no longer. */
const LEASE_MS = MINUTE_MS;
const LOOK_EVERY_MS = SECOND_MS / 2;

export interface Waiting {
  /** How long to wait while another comparison runs; not at all when left out. */
  readonly wait_ms?: number | undefined;
  /** Called once when it has to wait. */
  readonly onWait?: (() => void) | undefined;
  readonly stopping?: AbortSignal | undefined;
}

/** Does `work` while no other comparison runs, or refuses. `keep` is to be called now and then, and throws when it took too long. */
export async function inTurn<T>(
  { journal, clock, ids }: Pick<BoxParts, 'journal' | 'clock' | 'ids'>,
  waiting: Waiting,
  work: (keep: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const holder = ids.uuid();
  const held = () => journal.lease('comparison', holder, clock.now_ms(), LEASE_MS);
  if (!(await held())) await waitFor(held, waiting);
  try {
    return await work(async () => {
      if (!(await held())) throw moveRefused(['Another comparison took over: wait until it has ended.']);
    });
  } finally {
    await journal.release('comparison', holder);
  }
}

async function waitFor(held: () => Promise<boolean>, { wait_ms = 0, onWait, stopping }: Waiting): Promise<void> {
  const until_ms = performance.now() + wait_ms;
  const mayWait = (): boolean => performance.now() < until_ms && stopping?.aborted !== true;
  if (mayWait()) onWait?.();
  while (mayWait()) {
    await sleep(LOOK_EVERY_MS, undefined, { signal: stopping }).catch(() => undefined);
    if (await held()) return;
  }
  throw moveRefused(['Another comparison is running: wait until it has ended.']);
}
