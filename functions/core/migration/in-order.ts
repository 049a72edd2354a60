import { setImmediate } from 'node:timers/promises';

/** Signals and timers wait no longer than this for work that never waits itself. */
const BREATHE_EVERY_MS = 50;

/**
 * Works on several items at once and settles them in their order, so that "all up to here is done" is always true. No
 * more than `at_once` items are held. After a failure what was begun is waited for, and the failure is thrown.
 */
export async function inOrder<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  at_once: number,
  work: (item: T) => Promise<R>,
  settle: (result: R, item: T) => Promise<void> | void,
): Promise<void> {
  const running: { readonly item: T; readonly result: Promise<R> }[] = [];
  let breathed_ms = performance.now();
  const settleOldest = async (): Promise<void> => {
    const oldest = running.shift();
    if (oldest !== undefined) await settle(await oldest.result, oldest.item);
    if (performance.now() - breathed_ms < BREATHE_EVERY_MS) return;
    await setImmediate();
    breathed_ms = performance.now();
  };
  try {
    for await (const item of items) {
      const result = work(item);
      // Its failure is seen when its turn comes; until then it is not unhandled.
      result.catch(() => undefined);
      running.push({ item, result });
      if (running.length >= at_once) await settleOldest();
    }
    while (running.length > 0) await settleOldest();
  } finally {
    await Promise.allSettled(running.map(({ result }) => result));
  }
}
