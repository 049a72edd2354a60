import { SetupError } from '../errors.ts';
import type { MetricValue, Metrics } from '../model/point.ts';
import { shownCell, cellValue, type ColumnType } from './cells.ts';
import { ColumnCensus } from './column.ts';
import { rowTime_ms, type ColumnName, type Layout, type RowSource, type TableRow } from './layout.ts';

export interface TablePoint {
  /** Position among the table's points, from 0. */
  readonly index: number;
  readonly timestamp_ms: number;
  readonly metrics: Metrics;
}

export interface Column extends ColumnName {
  /** Null for the time and for row numbers. */
  readonly type: ColumnType | null;
  /** Cells that hold something. */
  readonly filled: number;
}

/** A table that was read once from end to end: all its columns have a type, and all its rows fit. */
export interface Survey {
  readonly columns: readonly Column[];
  readonly time_at: number;
  readonly points: number;
  readonly skipped_rows: number;
  readonly oldest_ms: number;
  readonly newest_ms: number;
}

/** Whether a comma can be a decimal sign: not where it separates the columns, for 1,234 is then a thousand or more. */
export interface SurveyOptions {
  readonly decimal_comma: boolean;
}

/** Reads the whole table before anything is sent. Throws a `SetupError` that names the line of the first mistake. */
export async function survey(rows: RowSource, layout: Layout, { decimal_comma }: SurveyOptions): Promise<Survey> {
  const censuses = layout.columns.map(({ title, metric }) => (metric === null ? null : new ColumnCensus(title)));
  const times = { points: 0, skipped_rows: 0, oldest_ms: Infinity, newest_ms: -Infinity };
  for await (const row of dataRows(rows, layout)) {
    const time_ms = rowTime_ms(row, layout);
    if (time_ms === null || countCells(row, censuses) === 0) {
      times.skipped_rows += 1;
      continue;
    }
    times.points += 1;
    times.oldest_ms = Math.min(times.oldest_ms, time_ms);
    times.newest_ms = Math.max(times.newest_ms, time_ms);
  }
  if (times.points === 0) throw new SetupError('The CSV file has no row with a time and a value.');
  const columns = layout.columns.map((column, at): Column => {
    const census = censuses[at] ?? null;
    if (census === null) return { ...column, type: null, filled: times.points };
    return { ...column, type: column.as_text ? 'text' : census.type(decimal_comma), filled: census.filled };
  });
  checkDecimalSigns(columns, censuses);
  return { columns, time_at: layout.time_at, ...times };
}

/** Shows each census its cell; returns how many held something. */
function countCells({ line, cells }: TableRow, censuses: readonly (ColumnCensus | null)[]): number {
  return censuses.filter((census, at) => census?.add(cells[at] ?? '', line) === true).length;
}

/** Where one column has decimal commas, a point in another may separate thousands. */
function checkDecimalSigns(columns: readonly Column[], censuses: readonly (ColumnCensus | null)[]): void {
  const comma = columns.find(({ type }) => type === 'decimal comma');
  const point = columns.findIndex(({ type }, at) => type === 'number' && censuses[at]?.decimal !== undefined);
  if (comma === undefined || point < 0) return;
  const title = shownCell(columns[point]?.title ?? '');
  const { line, cell } = censuses[point]?.decimal ?? { line: 0, cell: '' };
  throw new SetupError(
    `The column ${shownCell(comma.title)} has decimal commas, but line ${String(line)} of ${title} has ${shownCell(cell)}: use one decimal sign, or add --text-column ${title}.`,
  );
}

/** The table's points in the order of its rows. Rows without a time or a value are left out. */
export async function* pointsOf(rows: RowSource, found: Survey): AsyncGenerator<TablePoint> {
  let index = 0;
  for await (const row of dataRows(rows, found)) {
    const timestamp_ms = rowTime_ms(row, found);
    const metrics = metricsOf(row, found);
    if (timestamp_ms !== null && Object.keys(metrics).length > 0) yield { index: index++, timestamp_ms, metrics };
  }
}

/** Rows below the header; one with more or fewer fields has its values under the wrong titles. */
async function* dataRows(rows: RowSource, { columns }: Layout): AsyncGenerator<TableRow> {
  let header = true;
  for await (const row of rows()) {
    if (!header && row.cells.length !== columns.length) {
      const count = `${row.cells.length} ${row.cells.length === 1 ? 'field' : 'fields'}`;
      throw new SetupError(
        `Line ${String(row.line)} has ${count} and the header ${columns.length}: correct it, or check --delimiter.`,
      );
    }
    if (!header) yield row;
    header = false;
  }
}

function metricsOf({ cells }: TableRow, { columns }: Survey): Metrics {
  const values: Record<string, MetricValue> = {};
  for (const [at, { metric, type }] of columns.entries()) {
    const value = type === null ? undefined : cellValue(cells[at] ?? '', type);
    if (metric !== null && value !== undefined) values[metric] = value;
  }
  return values;
}
