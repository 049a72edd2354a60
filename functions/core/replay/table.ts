import { SetupError } from '../errors.ts';
import { MAX_METRICS_PER_POINT, type MetricValue, type Metrics } from '../model/point.ts';
import { cellTime_ms, cellValue, metricName } from './cells.ts';

/** The rows of a table, header first, read anew each time it is asked. */
export type RowSource = () => AsyncIterable<readonly string[]>;

/** Where the time is and which metric each other column becomes; null for columns that are left out. */
export interface Layout {
  readonly time_at: number;
  readonly metrics: readonly (string | null)[];
}

export interface TablePoint {
  /** Position among the table's points, from 0. */
  readonly index: number;
  readonly timestamp_ms: number;
  readonly metrics: Metrics;
}

const SAMPLE_ROWS = 20;
const TIME_TITLE = /^(timestamp|time|date|datetime|ts|epoch)([_ ]?(ms|s|utc|time))?$/i;

/** Reads the header and a few rows, and decides what each column is. */
export async function readLayout(rows: RowSource, time_column?: string): Promise<Layout> {
  const sample: (readonly string[])[] = [];
  for await (const row of rows()) {
    sample.push(row);
    if (sample.length > SAMPLE_ROWS) break;
  }
  const [header, first, ...more] = sample;
  if (header === undefined || first === undefined) throw new SetupError('The CSV file has no rows below its header.');
  const titles = padHeader(header, first);
  const time_at = findTime(titles, [first, ...more], time_column);
  const metrics = nameColumns(titles, time_at);
  const count = metrics.filter((name) => name !== null).length;
  if (count === 0) throw new SetupError('The CSV file has no column beside the time: there is nothing to post.');
  if (count > MAX_METRICS_PER_POINT) {
    throw new SetupError(
      `The CSV file has ${count} columns of values: a point takes at most ${MAX_METRICS_PER_POINT}.`,
    );
  }
  return { time_at, metrics };
}

/** Some exports number their rows without giving that first column a title. */
function padHeader(header: readonly string[], first: readonly string[]): readonly string[] {
  return header.length === first.length - 1 ? ['', ...header] : header;
}

function findTime(titles: readonly string[], sample: readonly (readonly string[])[], wanted?: string): number {
  const isTime = (at: number): boolean => sample.every((row) => cellTime_ms(row[at] ?? '') !== null);
  if (wanted !== undefined) {
    const at = titles.findIndex((title) => title.trim() === wanted);
    if (at < 0) throw new SetupError(`The CSV file has no column ${wanted}: it has ${titles.join(', ')}.`);
    return at;
  }
  const candidates = [...titles.keys()].filter(isTime);
  const at = candidates.find((column) => TIME_TITLE.test(titles[column]?.trim() ?? '')) ?? candidates[0];
  if (at !== undefined) return at;
  throw new SetupError(
    'No column holds times: they may be ISO 8601, YYYY-MM-DD HH:MM:SS (UTC), or epoch seconds or milliseconds; --time-column names one.',
  );
}

/** A column without a title at the front numbers the rows and is left out. */
function nameColumns(titles: readonly string[], time_at: number): readonly (string | null)[] {
  const used = new Set<string>();
  return titles.map((title, at) => {
    if (at === time_at || (at === 0 && title.trim() === '')) return null;
    const base = metricName(title, at);
    let name = base;
    for (let copy = 2; used.has(name); copy += 1) name = `${base.slice(0, 60)}_${copy}`;
    used.add(name);
    return name;
  });
}

/** The table's points in the order of its rows. Rows without a time or a value are counted and left out. */
export async function* pointsOf(rows: RowSource, layout: Layout, onSkipped: () => void): AsyncGenerator<TablePoint> {
  let index = 0;
  let header = true;
  for await (const row of rows()) {
    if (header) {
      header = false;
      continue;
    }
    const timestamp_ms = cellTime_ms(row[layout.time_at] ?? '');
    const metrics = metricsOf(row, layout);
    if (timestamp_ms === null || Object.keys(metrics).length === 0) onSkipped();
    else yield { index: index++, timestamp_ms, metrics };
  }
}

function metricsOf(row: readonly string[], { metrics }: Layout): Metrics {
  const values: Record<string, MetricValue> = {};
  for (const [at, name] of metrics.entries()) {
    const value = name === null ? undefined : cellValue(row[at] ?? '');
    if (name !== null && value !== undefined) values[name] = value;
  }
  return values;
}

export interface Survey {
  readonly points: number;
  readonly skipped_rows: number;
  readonly oldest_ms: number;
  readonly newest_ms: number;
}

/** Reads the whole table once, so that a shift and a progress bar know its ends. */
export async function survey(rows: RowSource, layout: Layout): Promise<Survey> {
  let points = 0;
  let skipped_rows = 0;
  let oldest_ms = Infinity;
  let newest_ms = -Infinity;
  const skip = (): void => void (skipped_rows += 1);
  for await (const { timestamp_ms } of pointsOf(rows, layout, skip)) {
    points += 1;
    oldest_ms = Math.min(oldest_ms, timestamp_ms);
    newest_ms = Math.max(newest_ms, timestamp_ms);
  }
  if (points === 0) throw new SetupError('The CSV file has no row with a time and a value.');
  return { points, skipped_rows, oldest_ms, newest_ms };
}
