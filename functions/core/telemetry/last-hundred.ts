import type { RecentQuery } from './query-page.ts';

const LAST_HUNDRED = 100;

/** Whether this asks for "last 100 points", which service levels time: no more than that, no older page, all metrics. */
export function isLastHundred({ limit, metrics, cursor }: RecentQuery): boolean {
  return limit <= LAST_HUNDRED && metrics === undefined && cursor === undefined;
}
