import Driver, { type Database } from 'better-sqlite3';
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SetupError } from '../../errors.ts';
import { migrate, type Migration } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { openSqlite } from './open.ts';

describe('SQLite migrations', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'store-'));
    file = join(folder, 'store.db');
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function withDatabase<T>(work: (db: Database) => T): T {
    const db = new Driver(file);
    try {
      return work(db);
    } finally {
      db.close();
    }
  }

  const versions = () =>
    withDatabase((db) => db.prepare<[], { version: number }>('SELECT version FROM schema_migrations').all());

  async function refused(pattern: RegExp): Promise<void> {
    await assert.rejects(openSqlite(file), (error) => {
      assert(error instanceof SetupError);
      assert.match(error.message, pattern);
      assert(!error.message.includes('\n'), 'the reason is one line');
      return true;
    });
  }

  it('are numbered without a gap', () => {
    assert.deepEqual(
      MIGRATIONS.map(({ version }) => version),
      MIGRATIONS.map((_, i) => i + 1),
    );
  });

  it('make the schema that is written down', async () => {
    await (await openSqlite(file)).close();
    const schema = withDatabase((db) =>
      db.prepare<[], { sql: string }>('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name').all(),
    );
    const text = schema.map(({ sql }) => `${sql};\n`).join('\n');
    const written = readFileSync(new URL('./schema.sql', import.meta.url), 'utf8');
    assert.equal(text, written, 'the schema changed: add a migration, and write the new schema to schema.sql');
  });

  it('do no harm the second time', async () => {
    await (await openSqlite(file)).close();
    await (await openSqlite(file)).close();
    assert.deepEqual(
      versions().map(({ version }) => version),
      MIGRATIONS.map(({ version }) => version),
    );
  });

  it('are stored whole or not at all', () => {
    const broken: Migration = { version: 1, name: 'broken', sql: 'CREATE TABLE half (a) STRICT; CREATE nonsense;' };
    withDatabase((db) => {
      assert.throws(() => {
        migrate(db, [broken]);
      });
      assert.deepEqual(db.prepare('SELECT name FROM sqlite_schema').all(), []);
    });
  });

  it('go on from where an older release left off', () => {
    const [one, two] = [1, 2].map((n) => ({ version: n, name: `m${n}`, sql: `CREATE TABLE t${n} (a INT) STRICT` }));
    assert(one !== undefined && two !== undefined);
    withDatabase((db) => {
      migrate(db, [one]);
      migrate(db, [one, two]);
    });
    assert.equal(versions().length, 2);
  });

  it('leave a newer schema alone and say so', async () => {
    await (await openSqlite(file)).close();
    withDatabase((db) => db.exec("INSERT INTO schema_migrations VALUES (99, 'future')"));
    const before = readFileSync(file);
    await refused(/newer release \(schema 99, this one knows \d+\)/);
    assert(readFileSync(file).equals(before));
  });

  it('start only on a file that can be used', async () => {
    writeFileSync(file, 'this is no database, it is only a text that is a little longer than a header\n'.repeat(20));
    await refused(/Cannot use .* as the data file: .*not a database/);
    file = join(file, 'inside-a-file.db');
    await refused(/Cannot use .* as the data file: E/);
    file = join(folder, 'a-folder');
    mkdirSync(file);
    await refused(/Cannot use .* as the data file: it is a folder/);
  });

  it('make the folder, and a file that only its owner can read', async () => {
    file = join(folder, 'new', 'folder', 'store.db');
    await (await openSqlite(file)).close();
    assert.equal(statSync(file).mode & 0o077, 0);
  });
});
