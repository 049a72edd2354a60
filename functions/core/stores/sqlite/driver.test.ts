import Driver, { type Database } from 'better-sqlite3';
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAY_MS } from '../../clock.ts';
import { Problem } from '../../errors.ts';
import { AUDIT_RETENTION_MS } from '../../model/retention.ts';
import { Meter } from '../../observability/meter.ts';
import { ACME, NOW_MS, aDevice, anEvent, series } from '../suite/fixtures.ts';
import { Access, BUSY_TIMEOUT_MS, openFile } from './driver.ts';
import { openSqlite } from './open.ts';

describe('the SQLite driver', () => {
  let folder: string;
  let file: string;
  const opened: Database[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'store-'));
    file = join(folder, 'store.db');
  });

  afterEach(() => {
    for (const db of opened.splice(0)) db.close();
    rmSync(folder, { recursive: true });
  });

  function open(db: Database): Database {
    opened.push(db);
    return db;
  }

  it('writes ahead, syncs every commit, keeps references and waits a bounded time', () => {
    const db = open(openFile(file));
    const pragma = (name: string) => db.pragma(name, { simple: true });
    const FULL = 2;
    assert.deepEqual(['journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout', 'mmap_size'].map(pragma), [
      'wal',
      FULL,
      1,
      BUSY_TIMEOUT_MS,
      0,
    ]);
    db.exec('CREATE TABLE t (a INT) STRICT');
    assert.equal(statSync(`${file}-wal`).mode & 0o077, 0);
  });

  it('marks the meter whenever the store is asked, and counts nothing', async () => {
    const meter = new Meter();
    const access = new Access(open(openFile(file)), meter);
    assert.equal(meter.touched, false);
    await access.read(() => 1);
    assert.deepEqual([meter.touched, meter.reads, meter.writes], [true, 0, 0]);
  });

  it('says that the store is unavailable when another process holds it too long', async () => {
    const backend = await openSqlite(file, { busy_timeout_ms: 20 });
    const other = open(new Driver(file));
    other.exec('BEGIN IMMEDIATE');
    const { telemetry, audit } = backend.withMeter(new Meter()).forTenant(ACME);
    const request = { device: aDevice(), points: series(NOW_MS, 1, 1), overwrite: false, now_ms: NOW_MS };
    await assert.rejects(telemetry.write(request), isUnavailable);
    await assert.rejects(audit.append(anEvent()), isUnavailable);
    assert.equal(await telemetry.writeBudget(aDevice(), NOW_MS), null, 'reading goes on');
    other.exec('COMMIT');
    assert.equal((await telemetry.write(request)).kind, 'done');
    await backend.close();
  });

  it('says so when the disk is full, and stores nothing in part', async () => {
    const db = open(openFile(file));
    db.exec('CREATE TABLE t (a TEXT) STRICT');
    db.pragma('max_page_count = 8');
    const insert = db.prepare<[string]>('INSERT INTO t VALUES (?)');
    const access = new Access(db, new Meter());
    const fill = () => {
      for (let i = 0; i < 100; i += 1) insert.run('x'.repeat(1_000));
    };
    await assert.rejects(access.change(fill), isUnavailable);
    assert.deepEqual(db.prepare('SELECT count(*) AS n FROM t').get(), { n: 0 });
  });

  it('says so when the file is read-only', async () => {
    open(openFile(file)).exec('CREATE TABLE t (a TEXT) STRICT');
    const db = open(new Driver(file, { readonly: true }));
    const access = new Access(db, new Meter());
    await assert.rejects(
      access.change(() => db.exec("INSERT INTO t VALUES ('x')")),
      isUnavailable,
    );
  });

  it('lets faults in our own code through as they are', async () => {
    const db = open(openFile(file));
    const access = new Access(db, new Meter());
    const unavailable = (error: unknown) => error instanceof Problem;
    const fault = await access.read(() => db.exec('no such statement')).catch((error: unknown) => error);
    assert(!unavailable(fault));
    const thrown = new Error('ours');
    await assert.rejects(
      access.change(() => {
        throw thrown;
      }),
      thrown,
    );
    assert.equal(db.inTransaction, false);
  });

  it('refuses to change an audit event, or to delete one that has not expired', async () => {
    const backend = await openSqlite(file);
    const { audit } = backend.withMeter(new Meter()).forTenant(ACME);
    const now_ms = Date.now();
    for (const timestamp_ms of [now_ms, now_ms - AUDIT_RETENTION_MS + 2 * DAY_MS, now_ms - AUDIT_RETENTION_MS]) {
      await audit.append(anEvent({ timestamp_ms }));
    }
    const db = open(new Driver(file));
    assert.throws(() => db.exec("UPDATE audit_log SET outcome = 'success'"), /append-only/);
    const expired = 'timestamp_ms <= (SELECT min(timestamp_ms) FROM audit_log)';
    assert.throws(() => db.exec(`DELETE FROM audit_log WHERE NOT ${expired}`), /append-only/);
    assert.equal(db.prepare(`DELETE FROM audit_log WHERE ${expired}`).run().changes, 1);
    await backend.close();
  });
});

function isUnavailable(error: unknown): boolean {
  assert(error instanceof Problem);
  assert.equal(error.code, 'store_unavailable');
  assert(error.cause instanceof Driver.SqliteError);
  return true;
}
