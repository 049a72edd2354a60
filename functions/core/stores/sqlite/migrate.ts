import type { Database } from 'better-sqlite3';
import { SetupError } from '../../errors.ts';

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/**
 * Brings the schema up to date, each migration in one immediate transaction. Its row is inserted first, so of several
 * processes that start at once one migrates and the others find it done. A newer schema is refused and left alone.
 */
export function migrate(db: Database, migrations: readonly Migration[]): void {
  refuseNewer(db, migrations);
  if (currentVersion(db) === (migrations.at(-1)?.version ?? 0)) return;
  const apply = db.transaction((migration: Migration) => {
    db.exec('CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT');
    const row = db.prepare<[number, string]>('INSERT INTO schema_migrations VALUES (?, ?) ON CONFLICT DO NOTHING');
    if (row.run(migration.version, migration.name).changes === 1) db.exec(migration.sql);
  });
  for (const migration of migrations) apply.immediate(migration);
  refuseNewer(db, migrations);
}

function refuseNewer(db: Database, migrations: readonly Migration[]): void {
  const known = migrations.at(-1)?.version ?? 0;
  const found = currentVersion(db);
  if (found <= known) return;
  throw new SetupError(
    `${db.name} was written by a newer release (schema ${found}, this one knows ${known}): start that release instead.`,
  );
}

function currentVersion(db: Database): number {
  const table = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'");
  if (table.get() === undefined) return 0;
  const newest = db.prepare<[], { version: number | null }>('SELECT max(version) AS version FROM schema_migrations');
  return newest.get()?.version ?? 0;
}
