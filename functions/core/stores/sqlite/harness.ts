import Driver, { type Database } from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '../contracts.ts';
import type { StoreHarness } from '../suite/harness.ts';
import { openSqlite } from './open.ts';
import { rawSqlite, tableNames } from './raw.ts';

/** A store in a folder of its own, gone with the harness. */
export async function openSqliteHarness(): Promise<StoreHarness> {
  const folder = mkdtempSync(join(tmpdir(), 'store-'));
  const file = join(folder, 'store.db');
  const backend = await openSqlite(file);
  const db = new Driver(file);
  db.pragma('foreign_keys = OFF');
  const others: Backend[] = [];
  const closeOthers = () => Promise.all(others.splice(0).map((other) => other.close()));
  return {
    backend,
    second: async () => {
      const other = await openSqlite(file);
      others.push(other);
      return other;
    },
    raw: rawSqlite(db),
    differences: {},
    reset: async () => {
      await closeOthers();
      empty(db);
    },
    close: async () => {
      await closeOthers();
      await backend.close();
      db.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function empty(db: Database): void {
  db.transaction(() => {
    for (const table of tableNames(db)) db.exec(`DELETE FROM ${table}`);
  }).immediate();
}
