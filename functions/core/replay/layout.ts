import { SetupError } from '../errors.ts';
import { MAX_METRICS_PER_POINT } from '../model/point.ts';
import { cellTime_ms, metricName, shownCell } from './cells.ts';

export interface TableRow {
  /** Where it is in the file, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** The rows of a table, header first, read anew each time it is asked. */
export type RowSource = () => AsyncIterable<TableRow>;

/** What each column is called, in the file and as a metric; `metric` is null for the time and for row numbers. */
export interface ColumnName {
  readonly title: string;
  readonly metric: string | null;
  /** The user wants it as text, whatever it holds. */
  readonly as_text: boolean;
}

export interface Layout {
  readonly time_at: number;
  readonly columns: readonly ColumnName[];
}

export interface LayoutOptions {
  readonly time_column?: string | undefined;
  /** Titles of columns to store as text. */
  readonly text_columns?: readonly string[] | undefined;
}

const SAMPLE_ROWS = 20;
const TIME_TITLE = /^(timestamp|time|date|datetime|ts|epoch)([_ ]?(ms|s|utc|time))?$/i;
const TIME_FORMS = 'ISO 8601, YYYY-MM-DD HH:MM:SS (UTC), or epoch seconds or milliseconds';

/** Reads the header and a few rows, and decides which column is the time and what the others are called. */
export async function readLayout(rows: RowSource, options: LayoutOptions = {}): Promise<Layout> {
  const sample: TableRow[] = [];
  for await (const row of rows()) {
    sample.push(row);
    if (sample.length > SAMPLE_ROWS) break;
  }
  const [header, ...below] = sample;
  if (header === undefined || below.length === 0) throw new SetupError('The CSV file has no rows below its header.');
  const titles = padHeader(header.cells, below).map((title) => title.trim());
  checkTitles(titles, options);
  const time_at = findTime(titles, below, options.time_column);
  const metrics = nameColumns(titles, time_at);
  checkCount(metrics.filter((name) => name !== null).length);
  const as_text = new Set(options.text_columns);
  return {
    time_at,
    columns: titles.map((title, at) => ({ title, metric: metrics[at] ?? null, as_text: as_text.has(title) })),
  };
}

/** Some exports number their rows without giving that first column a title. */
function padHeader(header: readonly string[], below: readonly TableRow[]): readonly string[] {
  const numbers = below.map(({ cells }) => (/^\d{1,8}$/.test(cells[0] ?? '') ? Number(cells[0]) : Number.NaN));
  const counts = numbers.every((number, at) => (at === 0 ? number >= 0 : number > (numbers[at - 1] ?? Number.NaN)));
  return counts && below[0]?.cells.length === header.length + 1 ? ['', ...header] : header;
}

function checkTitles(titles: readonly string[], { time_column, text_columns = [] }: LayoutOptions): void {
  const [only = ''] = titles;
  const other = /[;\t|]/.exec(only)?.[0];
  if (titles.length === 1 && other !== undefined) {
    const name = other === '\t' ? "'\\t'" : `'${other}'`;
    throw new SetupError(`The CSV file has one column, ${shownCell(only)}: is it --delimiter ${name}?`);
  }
  const twice = titles.find((title, at) => title !== '' && titles.indexOf(title) !== at);
  if (twice !== undefined)
    throw new SetupError(`The CSV file has two columns titled ${shownCell(twice)}: give each a title of its own.`);
  const unknown = [time_column, ...text_columns].find((title) => title !== undefined && !titles.includes(title.trim()));
  if (unknown !== undefined)
    throw new SetupError(`The CSV file has no column ${unknown}: it has ${titles.map(shownCell).join(', ')}.`);
}

function checkCount(count: number): void {
  if (count === 0) throw new SetupError('The CSV file has no column beside the time: there is nothing to post.');
  if (count <= MAX_METRICS_PER_POINT) return;
  throw new SetupError(`The CSV file has ${count} columns of values: a point takes at most ${MAX_METRICS_PER_POINT}.`);
}

/** A title that says so needs only half the cells to be times: what else is in it is refused later, by its line. */
function findTime(titles: readonly string[], below: readonly TableRow[], wanted?: string): number {
  if (wanted !== undefined) return titles.indexOf(wanted.trim());
  const times = (at: number): number => below.filter(({ cells }) => cellTime_ms(cells[at] ?? '') !== null).length;
  const titled = [...titles.keys()].filter((at) => TIME_TITLE.test(titles[at] ?? ''));
  const found =
    titled.find((at) => times(at) >= below.length / 2) ?? [...titles.keys()].find((at) => times(at) === below.length);
  if (found !== undefined) return found;
  const [likely] = titled;
  const example = likely === undefined ? undefined : below[0]?.cells[likely];
  const seen = example === undefined ? '' : ` (line ${String(below[0]?.line)} has ${shownCell(example)})`;
  throw new SetupError(`No column holds times${seen}: they may be ${TIME_FORMS}; --time-column names one.`);
}

/** The instant of a row; null when its cell is empty. Anything else that is no time is refused. */
export function rowTime_ms({ line, cells }: TableRow, { time_at, columns }: Layout): number | null {
  const cell = cells[time_at]?.trim() ?? '';
  if (cell === '') return null;
  const time_ms = cellTime_ms(cell);
  if (time_ms !== null) return time_ms;
  const title = shownCell(columns[time_at]?.title ?? '');
  throw new SetupError(`Line ${String(line)} has ${shownCell(cell)} as its time (${title}): use ${TIME_FORMS}.`);
}

/** A column without a title at the front numbers the rows and is left out. */
function nameColumns(titles: readonly string[], time_at: number): readonly (string | null)[] {
  const used = new Set<string>();
  return titles.map((title, at) => {
    if (at === time_at || (at === 0 && title === '')) return null;
    const base = metricName(title, at);
    let name = base;
    for (let copy = 2; used.has(name); copy += 1) name = `${base.slice(0, 60)}_${copy}`;
    used.add(name);
    return name;
  });
}
