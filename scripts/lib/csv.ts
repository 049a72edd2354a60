/** Reads a CSV file row by row, as text. */
import { SetupError } from '@bas/core/errors';
import type { RowSource } from '@bas/core/replay/layout';
import { CsvError, parse } from 'csv-parse';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';

/** A source that opens the file anew each time it is asked. */
export function csvRows(file: string, delimiter: string): RowSource {
  return async function* () {
    const options = { bom: true, delimiter, relax_column_count: true, skip_empty_lines: true, trim: true, info: true };
    const parser = pipeline(createReadStream(file), parse(options), () => undefined);
    try {
      const rows: AsyncIterable<{ info: { lines: number }; record: readonly string[] }> = parser;
      for await (const { info, record } of rows) yield { line: info.lines, cells: record };
    } catch (error) {
      if (error instanceof SetupError) throw error;
      throw new SetupError(explain(file, error), { cause: error });
    }
  };
}

function explain(file: string, error: unknown): string {
  if (error instanceof CsvError) {
    // The value may be as long as the file.
    return `${file} is not readable as CSV: ${error.message.replace(/, value is .*/s, '').slice(0, 200)}`;
  }
  switch (error instanceof Error && 'code' in error ? error.code : undefined) {
    case 'ENOENT':
      return `There is no file ${file}: check --csv.`;
    case 'EISDIR':
      return `${file} is a folder: name the file in it with --csv.`;
    case 'EACCES':
      return `${file} may not be read by this user.`;
    default:
      return `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}
