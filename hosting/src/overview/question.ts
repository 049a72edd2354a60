/** Which devices the next question is about. */

/** Of one question, by the API. */
export const MOST_FREE = 50;
/** Where looking costs document reads, a first look at so many fits into a minute's budget. */
export const MOST_DEAR = 20;

interface Wanted {
  readonly on_screen: readonly string[];
  /** What else somebody wants to know of, while there is room. */
  readonly others: readonly string[];
  readonly most: number;
  /** When a device was last answered; -Infinity for never. */
  readonly askedAt_ms: (device_id: string) => number;
}

/** The rows on screen first, and of more than fit those that have waited longest; by id, so that a question stays the same. */
export function nextQuestion({ on_screen, others, most, askedAt_ms }: Wanted): readonly string[] {
  const longestWait = (a: string, b: string): number => Math.sign(askedAt_ms(a) - askedAt_ms(b)) || compare(a, b);
  const seen = on_screen.toSorted(longestWait).slice(0, most);
  const more = others
    .filter((id) => !on_screen.includes(id))
    .sort(longestWait)
    .slice(0, most - seen.length);
  return [...seen, ...more].sort(compare);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
