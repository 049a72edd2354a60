import { SECOND_MS } from '@bas/core/clock';

/** One Ctrl-C under `npm run` comes twice: from the terminal, and from npm, which passes it on. */
export const SAME_PRESS_MS = SECOND_MS;

/** Aborts at the first Ctrl-C or SIGTERM, so that what is under way can end; the next one ends the process with `code`. */
export function stopSignal(code = 130): AbortSignal {
  const controller = new AbortController();
  let first_ms = 0;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const now_ms = performance.now();
      if (!controller.signal.aborted) {
        first_ms = now_ms;
        controller.abort();
      } else if (now_ms - first_ms > SAME_PRESS_MS) process.exit(code);
    });
  }
  return controller.signal;
}
