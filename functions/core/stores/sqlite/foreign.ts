import Driver, { type Database } from 'better-sqlite3';
import { existsSync, statSync } from 'node:fs';

/** What every file of ours has since its first commit, and hardly anybody else's. */
const OURS = ['schema_migrations', 'telemetry_buckets'] as const;

/** Whether the file at `path` is an SQLite file that something else keeps its data in. Changes nothing in it. */
export function isForeign(path: string, busy_timeout_ms: number): boolean {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return false;
  // Whoever is the last to close a write-ahead log folds it into the file: that is for its owner to do.
  const readonly = existsSync(`${path}-wal`);
  const db = new Driver(path, { readonly, fileMustExist: true, timeout: busy_timeout_ms });
  try {
    const tables = tablesOf(db);
    return tables.length > 0 && !OURS.every((name) => tables.includes(name));
  } finally {
    db.close();
  }
}

function tablesOf(db: Database): readonly string[] {
  return db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
}
