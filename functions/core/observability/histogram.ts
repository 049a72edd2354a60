/** How many of some measurements lie between bounds. */
export interface Histogram {
  /** Upper bounds, inclusive, ascending; below the first lies all from 0 on. */
  readonly bounds: readonly number[];
  /** One more than there are bounds: the last is of what lies beyond. */
  readonly counts: readonly number[];
}

/**
 * The value that `share` (0 to 1) of the measurements keep to; null without one. Within its bucket they are taken to be
 * spread evenly. Beyond the last bound nothing is known, and that bound is answered: the least that it can be.
 */
export function quantile({ bounds, counts }: Histogram, share: number): number | null {
  const wanted = totalOf(counts) * share;
  if (totalOf(counts) === 0) return null;
  let below = 0;
  for (const [at, count] of counts.entries()) {
    if (count > 0 && below + count >= wanted) {
      const [from, to] = edges(bounds, at);
      return from + ((to - from) * Math.max(0, wanted - below)) / count;
    }
    below += count;
  }
  return bounds.at(-1) ?? 0;
}

/** The same measurements between other bounds; those of a bucket that is cut are shared out evenly, as whole numbers. */
export function rebucketed(histogram: Histogram, bounds: readonly number[]): number[] {
  const total = totalOf(histogram.counts);
  const upTo = [...bounds.map((bound) => Math.round(countUpTo(histogram, bound))), total];
  return upTo.map((sum, at) => sum - (upTo[at - 1] ?? 0));
}

function countUpTo({ bounds, counts }: Histogram, limit: number): number {
  return counts.reduce((sum, count, at) => {
    const [from, to] = edges(bounds, at);
    // What lies beyond the last bound is in no other bucket, however far its bounds go.
    if (at === bounds.length || limit <= from) return sum;
    return sum + count * Math.min(1, (limit - from) / (to - from));
  }, 0);
}

function edges(bounds: readonly number[], at: number): readonly [number, number] {
  const last = bounds.at(-1) ?? 0;
  return [bounds[at - 1] ?? 0, bounds[at] ?? last];
}

function totalOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
