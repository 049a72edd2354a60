/** Waits, unless `stop` is aborted before or meanwhile: then it rejects with that. */
export function delay(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abandon = () => {
      clearTimeout(timer);
      reject(stop.reason instanceof Error ? stop.reason : new Error('stopped'));
    };
    const timer = setTimeout(() => {
      stop.removeEventListener('abort', abandon);
      resolve();
    }, ms);
    if (stop.aborted) abandon();
    else stop.addEventListener('abort', abandon, { once: true });
  });
}
