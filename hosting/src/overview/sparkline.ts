/** The line of a few recent values of one metric. */
import type { Point } from '../api/answers.ts';

/** A step this many times the usual one is a gap. */
const GAP_INTERVALS = 2.5;

interface Spot {
  readonly time_ms: number;
  readonly value: number;
}

export interface Spark {
  /** Of an SVG path. */
  readonly path: string;
  readonly low: number;
  readonly high: number;
  /** From the oldest to the newest value. */
  readonly span_ms: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Null when no point has a number. `points` are newest first; `interval_ms` is how often they are expected. */
export function sparkOf(points: readonly Point[], metric: string, interval_ms: number, size: Size): Spark | null {
  const spots = spotsOf(points, metric);
  const [first] = spots;
  const last = spots.at(-1);
  if (first === undefined || last === undefined) return null;
  const values = spots.map(({ value }) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span_ms = last.time_ms - first.time_ms;
  const x = ({ time_ms }: Spot): number => (span_ms === 0 ? 1 : (time_ms - first.time_ms) / span_ms) * size.width;
  // Halved first: the span of the largest numbers is none itself.
  const y = ({ value }: Spot): number =>
    high === low ? size.height / 2 : (1 - (value / 2 - low / 2) / (high / 2 - low / 2)) * size.height;
  const place = (spot: Spot): string => `${x(spot).toFixed(1)} ${y(spot).toFixed(1)}`;
  const runs = runsOf(spots, GAP_INTERVALS * Math.max(interval_ms, usualStep_ms(spots)));
  // A run of one is a dot, by its round end.
  const path = runs.map(
    ([start, ...more]) =>
      `M${place(start)}${more.length === 0 ? 'h0' : more.map((spot) => `L${place(spot)}`).join('')}`,
  );
  return { path: path.join(''), low, high, span_ms };
}

/** Oldest first. */
function spotsOf(points: readonly Point[], metric: string): readonly Spot[] {
  return points
    .flatMap(({ timestamp_ms, metrics }) => {
      const value = Object.hasOwn(metrics, metric) ? metrics[metric] : undefined;
      return typeof value === 'number' ? [{ time_ms: timestamp_ms, value }] : [];
    })
    .reverse();
}

function usualStep_ms(spots: readonly Spot[]): number {
  const steps = spots.slice(1).map(({ time_ms }, at) => time_ms - (spots[at]?.time_ms ?? time_ms));
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
}

function runsOf(spots: readonly Spot[], gap_ms: number): readonly [Spot, ...Spot[]][] {
  const runs: [Spot, ...Spot[]][] = [];
  for (const spot of spots) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    if (run === undefined || before === undefined || spot.time_ms - before.time_ms > gap_ms) runs.push([spot]);
    else run.push(spot);
  }
  return runs;
}
