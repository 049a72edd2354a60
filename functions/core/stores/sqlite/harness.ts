import Driver, { type Database } from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '../contracts.ts';
import type { RawStore, StoreHarness } from '../suite/harness.ts';
import { openSqlite } from './open.ts';
import { rawSqlite, tableNames } from './raw.ts';

/** A store in a folder of its own, gone with the harness. */
export async function openSqliteHarness(): Promise<StoreHarness> {
  const folder = mkdtempSync(join(tmpdir(), 'store-'));
  const file = join(folder, 'store.db');
  const backend = await openSqlite(file);
  const opened = rawFile(file);
  const others: Backend[] = [];
  const closeOthers = () => Promise.all(others.splice(0).map((other) => other.close()));
  return {
    backend,
    second: async () => {
      const other = await openSqlite(file);
      others.push(other);
      return other;
    },
    raw: opened.raw,
    differences: {},
    reset: async () => {
      await closeOthers();
      opened.empty();
    },
    close: async () => {
      await closeOthers();
      await backend.close();
      opened.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A store's file as it is, read and emptied by a connection of its own. */
export interface RawFile {
  readonly raw: RawStore;
  /** Deletes every row, but for those of the tables named. */
  empty(but?: readonly string[]): void;
  close(): void;
}

export function rawFile(file: string): RawFile {
  const db = new Driver(file);
  db.pragma('foreign_keys = OFF');
  return {
    raw: rawSqlite(db),
    empty: (but = []) =>
      empty(
        db,
        tableNames(db).filter((table) => !but.includes(table)),
      ),
    close: () => db.close(),
  };
}

function empty(db: Database, tables: readonly string[]): void {
  const [stays] = db.prepare<[], { sql: string }>("SELECT sql FROM sqlite_schema WHERE name = 'audit_log_stays'").all();
  db.transaction(() => {
    db.exec('DROP TRIGGER IF EXISTS audit_log_stays');
    for (const table of tables) db.exec(`DELETE FROM ${table}`);
    if (stays !== undefined) db.exec(stays.sql);
  }).immediate();
}
