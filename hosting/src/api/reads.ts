/** Documents that the server read for this page, as its answers say: what is on screen is what the bill sees. */
import { signal } from '@preact/signals';

const MINUTE_MS = 60_000;
let counted: readonly { readonly at_ms: number; readonly reads: number }[] = [];

/** Whether this server's answers cost reads at all. */
export const hasCostReads = signal(false);

/** Reads within the last minute. */
export const readsPerMinute = signal(0);

export function countReads(reads: number): void {
  if (reads > 0) hasCostReads.value = true;
  if (reads > 0) counted = [...counted, { at_ms: Date.now(), reads }];
  forgetOldReads();
}

/** To be called now and then, so that the figure falls while nothing is asked. */
export function forgetOldReads(): void {
  const since_ms = Date.now() - MINUTE_MS;
  counted = counted.filter(({ at_ms }) => at_ms > since_ms);
  readsPerMinute.value = counted.reduce((sum, { reads }) => sum + reads, 0);
}
