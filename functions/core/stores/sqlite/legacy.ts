import Driver, { type Database } from 'better-sqlite3';
import { statSync } from 'node:fs';
import { SetupError } from '../../errors.ts';
import type { LegacyFile, LegacyRead, LegacyRow, LegacySpans, RowCount } from '../import.ts';

const BUSY_TIMEOUT_MS = 2_000;

/** SQLite reads and sorts millions of rows in one call: one row in a thousand asks whether it should. */
const GO_ON = '(random() & 1023 OR bas_go_on())';

/** Opens a server's own SQLite file, for reading alone. Throws a `SetupError` when it is missing, locked or no SQLite. */
export function openLegacy(file: string, goOn: () => void = () => undefined): LegacyFile {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new SetupError(`There is no file ${file}: check --from.`);
  }
  const db = guarded(file, () => new Driver(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS }));
  try {
    db.function('bas_go_on', { deterministic: false }, () => {
      goOn();
      return 1;
    });
    return new SqliteLegacyFile(db, file);
  } catch (error) {
    db.close();
    throw error;
  }
}

class SqliteLegacyFile implements LegacyFile {
  readonly file: string;
  readonly tables: readonly string[];
  readonly #db: Database;

  constructor(db: Database, file: string) {
    this.#db = db;
    this.file = file;
    this.tables = guarded(file, () => {
      db.pragma('cache_size = -32000');
      return db
        .prepare<[], { name: string }>(
          "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name",
        )
        .all()
        .map(({ name }) => name);
    });
  }

  columns(table: string): readonly string[] {
    const columns = this.#db.prepare<[string], { name: string }>('SELECT name FROM pragma_table_xinfo(?)');
    return guarded(this.file, () => columns.all(table).map(({ name }) => name));
  }

  count({ table, since }: LegacyRead): RowCount {
    const sql = `SELECT count(*) AS all_rows, count(*) FILTER (WHERE ${isAsked(since)}) AS read FROM ${quoted(table)}
      WHERE ${GO_ON}`;
    const count = this.#db.prepare<number[], { all_rows: number; read: number }>(sql);
    const { all_rows, read } = guarded(this.file, () => count.get(...bound(since))) ?? { all_rows: 0, read: 0 };
    return { read, older: all_rows - read };
  }

  spans({ table, by, column, from, until }: LegacySpans): Generator<LegacyRow> {
    const [first, second, value] = [columnOrNull(by[0]), columnOrNull(by[1]), quoted(column)];
    // Text and blobs are greater than any number.
    const sql = `SELECT ${first}, ${second}, count(*), min(${value}), max(${value}) FROM ${quoted(table)}
      WHERE ${value} BETWEEN ? AND ? AND ${GO_ON} GROUP BY 1, 2`;
    return this.#stream(sql, [from, until]);
  }

  rows({ table, columns, order_by, since }: LegacyRead): Generator<LegacyRow> {
    const sorted = order_by.length === 0 ? '' : `ORDER BY ${order_by.map(quoted).join(', ')}`;
    const sql = `SELECT ${columns.map(columnOrNull).join(', ')} FROM ${quoted(table)}
      WHERE ${isAsked(since)} AND ${GO_ON} ${sorted}`;
    return this.#stream(sql, bound(since));
  }

  close(): void {
    this.#db.close();
  }

  *#stream(sql: string, values: readonly number[]): Generator<LegacyRow> {
    try {
      yield* this.#db
        .prepare<number[], LegacyRow>(sql)
        .raw()
        .iterate(...values);
    } catch (error) {
      throw explained(this.file, error);
    }
  }
}

/** What is no number is kept, so that it can be told. */
function isAsked(since: LegacyRead['since']): string {
  if (since === undefined) return 'true';
  const column = quoted(since.column);
  return `NOT coalesce(typeof(${column}) IN ('integer', 'real') AND ${column} < ?, 0)`;
}

function bound(since: LegacyRead['since']): number[] {
  return since === undefined ? [] : [since.from];
}

function columnOrNull(column: string | null): string {
  return column === null ? 'NULL' : quoted(column);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function guarded<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explained(file, error);
  }
}

function explained(file: string, error: unknown): unknown {
  if (!(error instanceof Driver.SqliteError)) return error;
  const cause = { cause: error };
  if (/^SQLITE_(BUSY|LOCKED)/.test(error.code)) {
    return new SetupError(`${file} is locked by another process: stop it, or migrate a copy of the file.`, cause);
  }
  if (error.code === 'SQLITE_NOTADB') return new SetupError(`${file} is not an SQLite file: check --from.`, cause);
  if (error.code === 'SQLITE_FULL') {
    return new SetupError(`There is no room to sort ${file} in the folder for temporary files.`, cause);
  }
  return new SetupError(`${file} cannot be read: ${error.message}.`, cause);
}
