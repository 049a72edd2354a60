/** What a refused request must not change, read past the code under attack. */
import Driver from 'better-sqlite3';
import type { HomeConfig } from '@bas/core/config';
import { hash } from 'node:crypto';
import * as z from 'zod';

export interface Stored {
  /** A digest of all that is kept, but for the log, counters, and when somebody was last seen. */
  digest(): Promise<string>;
  close(): void;
}

/** Refusals are told, tries are counted, use is metered; what follows from the rest, or is a process's own, says nothing. */
const LEFT_OUT = new Set([
  'audit_log',
  'throttle',
  'usage',
  'service_spans',
  'cutover_counters',
  'cutover_lease',
  'journal',
  'journal_clock',
  'system',
]);
const SEEN = /^(?:last_(?:seen|used)_ms|fingerprint.*)$/;

export function openStored(home: HomeConfig): Stored {
  return home.kind === 'sqlite' ? new StoredFile(home.file) : new StoredDocuments(home);
}

const Names = z.array(z.object({ name: z.string() }));
const Rows = z.array(z.record(z.string(), z.unknown()));

class StoredFile implements Stored {
  readonly #db: Driver.Database;
  readonly #tables: readonly string[];
  #version: unknown;
  #last = '';

  constructor(file: string) {
    this.#db = new Driver(file, { readonly: true });
    const found = Names.parse(this.#db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all());
    this.#tables = found.map(({ name }) => name).filter((name) => !LEFT_OUT.has(name) && !name.startsWith('sqlite_'));
  }

  digest(): Promise<string> {
    // Changes only when another connection has committed, so most requests cost no more than this.
    const version = this.#db.pragma('data_version', { simple: true });
    if (version !== this.#version) this.#last = hash('sha256', this.#text());
    this.#version = version;
    return Promise.resolve(this.#last);
  }

  close(): void {
    this.#db.close();
  }

  #text(): string {
    const rows = this.#tables.map((name) => [name, Rows.parse(this.#db.prepare(`SELECT * FROM ${name}`).all())]);
    return JSON.stringify(rows, (name, value: unknown) => (SEEN.test(name) ? undefined : value));
  }
}

const Collections = z.object({ collectionIds: z.array(z.string()).default([]) });
const Fields = z.record(z.string(), z.unknown());
const Page = z.object({
  documents: z.array(z.object({ name: z.string(), fields: Fields.default({}) })).default([]),
  nextPageToken: z.string().optional(),
});

class StoredDocuments implements Stored {
  readonly #root: string;

  constructor({ project_id, emulator_host }: Extract<HomeConfig, { kind: 'firestore' }>) {
    this.#root = `http://${emulator_host ?? ''}/v1/projects/${project_id}/databases/(default)/documents`;
  }

  async digest(): Promise<string> {
    const headers = { authorization: 'Bearer owner' };
    const listed = await fetch(`${this.#root}:listCollectionIds`, { method: 'POST', headers, body: '{}' });
    const { collectionIds } = Collections.parse(await listed.json());
    const kept = collectionIds.filter((name) => !LEFT_OUT.has(name)).sort();
    return hash('sha256', JSON.stringify(await Promise.all(kept.map((name) => this.#documentsOf(name, headers)))));
  }

  close(): void {
    // Asked over HTTP, a request at a time.
  }

  async #documentsOf(collection: string, headers: Readonly<Record<string, string>>): Promise<string> {
    const texts: string[] = [];
    let pageToken = '';
    do {
      const answer = await fetch(`${this.#root}/${collection}?pageSize=300&pageToken=${pageToken}`, { headers });
      const page = Page.parse(await answer.json());
      texts.push(JSON.stringify(page.documents, (name, value: unknown) => (SEEN.test(name) ? undefined : value)));
      pageToken = page.nextPageToken ?? '';
    } while (pageToken !== '');
    return texts.join('\n');
  }
}
