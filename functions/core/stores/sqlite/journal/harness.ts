/** A box's file with its journal, as the tests beside use it. Real rows, real triggers; Firestore has no part in it. */
import Driver, { type Database } from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Flags } from '../../../model/flags.ts';
import { Meter } from '../../../observability/meter.ts';
import type { Journal, Mark, RowKind } from '../../journal.ts';
import { ACME, NOW_MS, aDevice, aKey, anEvent, aTenant, incoming } from '../../suite/fixtures.ts';
import { openSqlite } from '../open.ts';

const KINDS: readonly RowKind[] = ['tenant', 'device', 'key', 'user', 'audit'];
export const EVERY_ROW = { rows: 1_000, bytes: 10_000_000 };

/** Opens a file of its own. */
export async function openJournalHarness() {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'));
  const file = join(folder, 'store.db');
  const box = await openSqlite(file);
  return new JournalHarness(folder, file, box);
}

export class JournalHarness {
  readonly file: string;
  readonly journal: Journal;
  /** The same file, past the code under test. */
  readonly db: Database;
  readonly #folder: string;
  readonly #box: Awaited<ReturnType<typeof openSqlite>>;

  constructor(folder: string, file: string, box: Awaited<ReturnType<typeof openSqlite>>) {
    this.#folder = folder;
    this.#box = box;
    this.file = file;
    this.journal = box.journal;
    this.db = new Driver(file);
  }

  async close(): Promise<void> {
    this.db.close();
    await this.#box.close();
    rmSync(this.#folder, { recursive: true });
  }

  stores() {
    return this.#box.withMeter(new Meter());
  }

  acme() {
    return this.stores().forTenant(ACME);
  }

  /** Registers a tenant with a device. */
  async furnish(): Promise<void> {
    await this.stores().tenants.create(aTenant());
    await this.acme().devices.create(aDevice(), aKey({ key_id: 'first' }), anEvent());
  }

  set(flags: Partial<Flags>, mark_all = false) {
    return this.journal.move((state) => ({
      flags: { ...state.flags, ...flags },
      audit: anEvent({ tenant_id: 'system' }),
      mark_all,
    }));
  }

  /** Each write is of a minute of its own, for the budget's sake. */
  write(value: number, at_ms = NOW_MS, minute = 0) {
    return this.acme().telemetry.write({
      device: aDevice(),
      points: incoming([at_ms, { value }]),
      overwrite: true,
      now_ms: NOW_MS + minute * 60_000,
    });
  }

  async marks(): Promise<readonly Mark[]> {
    return (await this.journal.marked(KINDS, EVERY_ROW)).map(({ mark }) => mark);
  }

  /** All marks but those of events. */
  async kinds(): Promise<readonly string[]> {
    return (await this.marks()).map(({ kind, id }) => `${kind} ${id}`).filter((one) => !one.startsWith('audit'));
  }

  async forget(): Promise<void> {
    await this.journal.clear(await this.marks());
  }
}
