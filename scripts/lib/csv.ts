/** Reads a CSV file row by row, as text. */
import { SetupError } from '@bas/core/errors';
import type { RowSource } from '@bas/core/replay/table';
import { CsvError, parse } from 'csv-parse';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';

/** A source that opens the file anew each time it is asked. */
export function csvRows(file: string, delimiter: string): RowSource {
  return async function* () {
    const options = { bom: true, delimiter, relax_column_count: true, skip_empty_lines: true, trim: true };
    const parser = pipeline(createReadStream(file), parse(options), () => undefined);
    try {
      const rows: AsyncIterable<readonly string[]> = parser;
      yield* rows;
    } catch (error) {
      throw new SetupError(`${file} ${explain(error)}`, { cause: error });
    }
  };
}

function explain(error: unknown): string {
  if (error instanceof CsvError) return `is not readable as CSV: ${error.message}`;
  return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}
