/** A legacy server's SQLite file, as a Flask server would leave it, and a look at what became of it. */
import Database from 'better-sqlite3';
import { randomUUID } from 'node:crypto';
import type { HomeConfig } from '@bas/core/config';
import * as z from 'zod';
import { Meter } from '@bas/core/observability/meter';
import { openImport } from '@bas/core/stores/open';
import { systemClock } from '@bas/core/clock';
import { homeEnv, type Env } from './command.ts';
import type { StoreName } from './server.ts';

export const LEGACY_PASSWORD = 'correct horse';
const PBKDF2 = 'pbkdf2:sha256:1000$aB3dE5gH$c163ea9c04af216f03333007e29a34ff21aaf514281c5f0cba342957f67947b9';
const SCRYPT =
  'scrypt:1024:8:1$aB3dE5gH1234abcd$d755720746e1a45d098780f426efa2d0a7b7fd4290c19dafc3869db75ac661b4c16108c2c998bd762421d6f5b422699d540b223dab56b3955bfde883b7e14933';
const BCRYPT = '$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e';
const PLAIN = 'plain$$correct horse';
export const LEGACY_HASHES = { pbkdf2: PBKDF2, scrypt: SCRYPT, bcrypt: BCRYPT, plain: PLAIN } as const;

export interface LegacyShape {
  readonly users?: number;
  readonly events?: number;
  readonly devices?: number;
  readonly points_per_device?: number;
  readonly interval_ms?: number;
  /** The newest point and event. */
  readonly newest_ms: number;
}

const SCHEMA = `
CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT, password_hash TEXT, role TEXT, created_at TEXT);
CREATE TABLE audit_log (id INTEGER PRIMARY KEY, timestamp_ms INTEGER, user_id INTEGER, action TEXT, details TEXT,
  ip TEXT, user_agent TEXT);
CREATE TABLE telemetry (id INTEGER PRIMARY KEY, device_id TEXT, timestamp_ms INTEGER, metrics TEXT);`;

const ACTIONS = ['login', 'logout', 'login_failed', 'report.export'];

/** Fills the default tables; `extra` is SQL that is run after. */
export function makeLegacy(file: string, shape: LegacyShape, extra = ''): void {
  const { users = 0, events = 0, devices = 0, points_per_device = 0, interval_ms = 60_000, newest_ms } = shape;
  const db = new Database(file);
  db.exec(SCHEMA);
  const user = db.prepare('INSERT INTO users VALUES (?, ?, ?, ?, ?)');
  const event = db.prepare('INSERT INTO audit_log VALUES (?, ?, ?, ?, ?, ?, ?)');
  const point = db.prepare('INSERT INTO telemetry (device_id, timestamp_ms, metrics) VALUES (?, ?, ?)');
  const hashes = [PBKDF2, SCRYPT, BCRYPT];
  const roles = ['admin', 'operator', 'viewer'];
  db.transaction(() => {
    for (let at = 0; at < users; at += 1) {
      user.run(at + 1, `person-${at}`, hashes[at % 3], roles[at % 3], '2024-01-05 12:00:00');
    }
    for (let at = 0; at < events; at += 1) {
      const texts = [ACTIONS[at % 4], `detail ${at}`, '10.0.0.7', 'curl/8'];
      event.run(at + 1, newest_ms - at * 60_000, 1 + (at % Math.max(1, users)), ...texts);
    }
    for (let at = points_per_device - 1; at >= 0; at -= 1) {
      for (let device = 0; device < devices; device += 1) {
        const metrics = { temperature: 20 + ((at * 7 + device) % 50) / 10, co2: 400 + at, occupied: at % 2 === 0 };
        point.run(`ahu-${device}`, newest_ms - at * interval_ms, JSON.stringify(metrics));
      }
    }
  })();
  db.exec(extra);
  db.close();
}

/** A store of its own with one tenant in it, and what makes a command work on it. */
export interface Target {
  readonly env: Env;
  readonly home: HomeConfig;
  /** For `--data`. */
  readonly folder: string;
}

/** The tenant is as old in every target, so that two of them can be compared. */
const TENANT_CREATED_MS = 1_700_000_000_000;

export async function openTarget(store: StoreName, folder: string, tenant_id = 'acme'): Promise<Target> {
  const env = homeEnv(store);
  const file = `${folder}/bas.sqlite`;
  if (store === 'sqlite') {
    const { openSqlite } = await import('@bas/core/stores/sqlite/open');
    const backend = await openSqlite(file);
    const tenant = { tenant_id, name: tenant_id, disabled: false, created_ms: TENANT_CREATED_MS };
    await backend.withMeter(new Meter()).tenants.create(tenant);
    await backend.close();
    return { env, home: { kind: 'sqlite', file }, folder };
  }
  const home: HomeConfig = {
    kind: 'firestore',
    project_id: env['GCP_PROJECT_ID'] ?? randomUUID(),
    emulator_host: env['FIRESTORE_EMULATOR_HOST'],
  };
  const imported = await openImport(home, systemClock);
  await imported.createTenant({ tenant_id, name: tenant_id, disabled: false, created_ms: TENANT_CREATED_MS });
  await imported.close();
  return { env, home, folder };
}

export type Contents = Readonly<Record<string, readonly unknown[]>>;

/** Every row or document, by table or collection and in order, read past the code under test. */
export async function contentsOf(home: HomeConfig): Promise<Contents> {
  return home.kind === 'sqlite' ? rowsOf(home.file) : documentsOf(home);
}

/** When a row was put is the journal's to know, and differs from run to run. */
const VOLATILE = 'changed_ms';

function rowsOf(file: string): Contents {
  const db = new Database(file, { readonly: true });
  const tables = db
    .prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .all();
  const contents = tables.map(({ name }) => {
    const rows = db.prepare<[], Record<string, unknown>>(`SELECT * FROM ${name}`).all();
    const kept = rows.map((row) => Object.fromEntries(Object.entries(row).filter(([key]) => key !== VOLATILE)));
    return [name, kept.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))];
  });
  db.close();
  return Object.fromEntries(contents) as Contents;
}

const Collections = z.object({ collectionIds: z.array(z.string()).default([]) });
const Page = z.object({
  documents: z.array(z.object({ name: z.string(), fields: z.unknown() })).default([]),
  nextPageToken: z.string().optional(),
});

async function documentsOf(home: Extract<HomeConfig, { kind: 'firestore' }>): Promise<Contents> {
  const root = `http://${home.emulator_host ?? ''}/v1/projects/${home.project_id}/databases/(default)/documents`;
  const headers = { authorization: 'Bearer owner' };
  const listed = await fetch(`${root}:listCollectionIds`, { method: 'POST', headers, body: '{}' });
  const contents: Record<string, unknown[]> = {};
  for (const collection of Collections.parse(await listed.json()).collectionIds.sort()) {
    const documents: z.infer<typeof Page>['documents'] = [];
    for (let pageToken: string | undefined = ''; pageToken !== undefined;) {
      const answer = await fetch(`${root}/${collection}?pageSize=300&pageToken=${pageToken}`, { headers });
      const page: z.infer<typeof Page> = Page.parse(await answer.json());
      documents.push(...page.documents);
      pageToken = page.nextPageToken;
    }
    contents[collection] = documents.map(({ name, fields }) => ({ id: name.split('/').at(-1), fields }));
  }
  return contents;
}
