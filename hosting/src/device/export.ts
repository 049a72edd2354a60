/** What is shown, as a file. */
import type { Point } from '../api/answers.ts';
import { csvText } from '../lib/csv.ts';
import type { Span } from './range.ts';

/** Such as `supply_temp_c [°C]`, and ` (average of 30 min)` where a value is of an interval. */
interface Heading {
  readonly unitOf: (metric: string) => string;
  /** Empty when every point is there as it was posted. */
  readonly summary: string;
}

/** A row for each point, oldest first, with a column for each metric that any of them has. */
export function exportText(points: readonly Point[], { unitOf, summary }: Heading): string {
  const names = [...new Set(points.flatMap(({ metrics }) => Object.keys(metrics)))].sort();
  const rows = points.map(({ timestamp_ms, metrics }) => [
    new Date(timestamp_ms).toISOString(),
    timestamp_ms,
    ...names.map((name) => (Object.hasOwn(metrics, name) ? (metrics[name] ?? null) : null)),
  ]);
  const heading = (name: string): string => {
    const unit = unitOf(name);
    return [name, unit === '' ? '' : ` [${unit}]`, summary === '' ? '' : ` (${summary})`].join('');
  };
  return csvText([['time_utc', 'timestamp_ms', ...names.map(heading)], ...rows]);
}

/** Such as `ahu-1_20261123T120000Z_20261123T130000Z.csv`; an id may hold what a file's name may not. */
export function exportName(device_id: string, { start_ms, end_ms }: Span): string {
  return `${device_id.replaceAll(/[^A-Za-z0-9._-]/g, '-')}_${stamp(start_ms)}_${stamp(end_ms)}.csv`;
}

function stamp(time_ms: number): string {
  return new Date(time_ms).toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
}
