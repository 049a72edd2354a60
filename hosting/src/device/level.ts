/** How finely a stretch of time is asked for: every point, or one value for each of so many intervals. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@bas/core/clock';

/** More values than this are no clearer on any screen. */
const MOST_VALUES = 400;

export interface Level {
  /** Null when every point is asked for by itself. */
  readonly interval_ms: number | null;
  /**
   * What one question covers. It holds whole buckets of the store, so that none is read for two questions, and begins
   * where everybody else's does, so that whoever looks at the same time asks the same.
   */
  readonly tile_ms: number;
}

const LEVELS = [
  { interval_ms: 10 * SECOND_MS, tile_ms: HOUR_MS },
  { interval_ms: 30 * SECOND_MS, tile_ms: HOUR_MS },
  { interval_ms: MINUTE_MS, tile_ms: 6 * HOUR_MS },
  { interval_ms: 2 * MINUTE_MS, tile_ms: 6 * HOUR_MS },
  { interval_ms: 5 * MINUTE_MS, tile_ms: DAY_MS },
  { interval_ms: 10 * MINUTE_MS, tile_ms: DAY_MS },
  { interval_ms: 15 * MINUTE_MS, tile_ms: DAY_MS },
  { interval_ms: 30 * MINUTE_MS, tile_ms: DAY_MS },
  { interval_ms: HOUR_MS, tile_ms: 7 * DAY_MS },
  { interval_ms: 3 * HOUR_MS, tile_ms: 7 * DAY_MS },
] as const;
const COARSEST: Level = { interval_ms: 6 * HOUR_MS, tile_ms: 7 * DAY_MS };

/** As the store's buckets are: the smallest that holds some hundred points. */
const TILES_OF_POINTS_MS = [10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS, DAY_MS, 7 * DAY_MS] as const;
const POINTS_PER_TILE = 120;

/** For a device whose points are `spacing_ms` apart. */
export function levelFor(span_ms: number, spacing_ms: number): Level {
  if (span_ms / spacing_ms <= MOST_VALUES) return pointsLevel(spacing_ms);
  return LEVELS.find(({ interval_ms }) => span_ms / interval_ms <= MOST_VALUES) ?? COARSEST;
}

function pointsLevel(spacing_ms: number): Level {
  const least_ms = POINTS_PER_TILE * spacing_ms;
  return { interval_ms: null, tile_ms: TILES_OF_POINTS_MS.find((tile_ms) => tile_ms >= least_ms) ?? 7 * DAY_MS };
}

/** Two or fewer points tell nothing of how far apart they come. */
const FEWEST_POINTS = 3;

/** What lies between most points, to two figures: so that it does not change with every point; null when too few tell. */
export function usualSpacing_ms(times_ms: readonly number[]): number | null {
  if (times_ms.length < FEWEST_POINTS) return null;
  const distances = times_ms.slice(1).map((time_ms, at) => time_ms - (times_ms[at] ?? time_ms));
  const median = distances.sort((a, b) => a - b)[Math.floor(distances.length / 2)] ?? 0;
  return Math.max(SECOND_MS, Number(median.toPrecision(2)));
}
