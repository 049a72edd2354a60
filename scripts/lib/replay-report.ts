/** What `npm run replay` prints: what each column becomes before anything is sent, and what came of it after. */
import type { Plan, Tally } from '@bas/core/replay/replay';
import type { Column, Survey } from '@bas/core/replay/table';
import { counted } from './words.ts';

/** A row for each column of the file: its title, the metric it becomes, its type and how many cells hold something. */
export function mapping({ columns, time_at }: Survey): string {
  const rows = [
    ['column', 'metric', 'type', 'cells'],
    ...columns.map((column, at) => mappingRow(column, at === time_at)),
  ];
  const widths = [0, 1, 2].map((at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd()).join('\n');
}

function mappingRow({ title, metric, type, filled }: Column, is_time: boolean): string[] {
  if (is_time) return [title, '-', 'time', String(filled)];
  if (metric === null) return ['(row number)', '-', 'left out'];
  if (type === 'empty') return [title, metric, 'empty', '0'];
  return [title, metric, type === 'decimal comma' ? 'number, decimal comma' : String(type), String(filled)];
}

export function summary(found: Survey, { offset_ms }: Plan, tally: Tally): string {
  const iso = (ms: number): string => new Date(ms + offset_ms).toISOString();
  const lines = [
    `${counted(found.points, 'point')}, ${iso(found.oldest_ms)} to ${iso(found.newest_ms)}, in ${counted(tally.requests, 'request')}`,
    `  accepted ${tally.accepted}, duplicates ${tally.duplicates}, rejected ${tally.rejected}`,
    ...Object.entries(tally.rejected_by_code).map(([code, count]) => `    ${code}: ${count}`),
  ];
  if (tally.first_rejection !== null) lines.push(`    first: ${tally.first_rejection}`);
  if (found.skipped_rows > 0) lines.push(`  ${counted(found.skipped_rows, 'row')} without a time or a value left out`);
  if (offset_ms !== 0) lines.push(`  all times moved; --shift-ms=${offset_ms} repeats it exactly`);
  return lines.join('\n');
}
