import { storeUnavailable } from '../errors.ts';

/** Waits for `work` for a bounded time, then throws what `tooLate` makes. What was started may still happen. */
export async function withDeadline<T>(
  work: Promise<T>,
  limit_ms: number,
  tooLate: (error: Error) => Error = storeUnavailable,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate(new Error(`no answer within ${limit_ms} ms`))), limit_ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
