import { existsSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import type { Config, FirestoreTarget, HomeConfig } from '../config.ts';
import { SetupError } from '../errors.ts';
import type { IndexAdmin, IndexAdminOptions } from '../gate/observed.ts';
import type { Meter } from '../observability/meter.ts';
import type { Dependencies } from '../resilience/dependencies.ts';
import { NO_SEEDS, type Concern, type Seeds } from '../model/flags.ts';
import type { CloudSide } from './box/open.ts';
import type { OutageKind, ReadWatch } from './box/outage.ts';
import type { Backend } from './contracts.ts';
import type { ImportStore, LegacyFile } from './import.ts';
import type { Journal } from './journal.ts';
import type { ServiceHistory } from './service-history.ts';

/** Where this process keeps its data, and how it moves. */
export interface Home {
  readonly backend: Backend;
  /** The box's half of a move; null where Firestore alone holds everything. */
  readonly box: Box | null;
  /** Throws 503 while this is no home yet: a box is still moving into its database. Asking is on the request's meter. */
  admit(meter: Meter): Promise<void>;
}

export interface Box {
  readonly journal: Journal;
  readonly history: ServiceHistory;
  /** Null while no project is named that the box could move to. */
  readonly cloud: CloudSide | null;
}

export interface HomeParts {
  readonly clock: Clock;
  readonly dependencies: Dependencies;
  readonly watch: ReadWatch;
  readonly tellOutage: (journal: Journal, concern: Concern, kind: OutageKind) => void;
  /** Writes the first row of flags of a box that was told by its environment to begin moved. */
  readonly plantSeeds: (journal: Journal, seeds: Seeds) => Promise<void>;
}

/** Opens what the configuration names. Each backend is loaded only when it is asked for. */
export async function openHome(config: Config, parts: HomeParts): Promise<Home> {
  const { home } = config;
  if (home.kind === 'sqlite') return openBox(config, parts, home);
  const { file, ...target } = home;
  if (file !== undefined && existsSync(file)) {
    const moving = await openBox(config, parts, { file, target });
    if (moving.box?.journal.isSet() === true) return moving;
    await moving.backend.close();
  }
  const { openCloudHome } = await import('./firestore/open.ts');
  return { ...openCloudHome({ ...target, ...cloudParts(config, parts) }), box: null };
}

function cloudParts({ read_cache }: Config, { clock, dependencies }: HomeParts) {
  return { cache: read_cache, clock, dependencies };
}

interface BoxHome {
  readonly file: string;
  readonly seeds?: Seeds;
  readonly target?: FirestoreTarget | undefined;
}

async function openBox(config: Config, parts: HomeParts, home: BoxHome): Promise<Home> {
  const { file, seeds = NO_SEEDS, target } = home;
  const { openSqlite } = await import('./sqlite/open.ts');
  const sqlite = await openSqlite(file, { seeds });
  const { journal, history } = sqlite;
  if (target === undefined) {
    if (journal.isSet()) throw await stillMoving(sqlite, file);
    return { backend: sqlite, box: { journal, history, cloud: null }, admit };
  }
  const seeded = seeds.telemetry || seeds.audit || seeds.auth;
  if (seeded && !journal.isSet()) await parts.plantSeeds(journal, seeds);
  const { boxBackend } = await import('./box/open.ts');
  const { openCloudSide } = await import('./firestore/open.ts');
  const cloud = openCloudSide({ ...target, ...cloudParts(config, parts) });
  return { backend: boxBackend({ ...parts, sqlite, journal, cloud }), box: { journal, history, cloud }, admit };
}

/** A box answers at any time. */
const admit = (): Promise<void> => Promise.resolve();

/** Without its project a box that has begun to move could neither read nor deliver what it promised. */
async function stillMoving(sqlite: Backend, file: string): Promise<SetupError> {
  await sqlite.close();
  return new SetupError(`GCP_PROJECT_ID: ${file} is moving to Firestore; name the project it moves to.`);
}

/** Opens the way to Firestore's Admin API, whose client is loaded for nothing else. */
export async function openIndexAdmin(options: IndexAdminOptions): Promise<IndexAdmin> {
  const admin = await import('./firestore/admin.ts');
  return admin.openIndexAdmin(options);
}

/** Opens what a box's file tells of its answers. */
export async function openServiceHistory(
  file: string,
): Promise<{ readonly history: ServiceHistory; close(): Promise<void> }> {
  const { openSqlite } = await import('./sqlite/open.ts');
  return openSqlite(file);
}

/** Opens a store for a migration. */
export async function openImport(home: HomeConfig, clock: Clock): Promise<ImportStore> {
  if (home.kind === 'sqlite') {
    const { openSqliteImport } = await import('./sqlite/import.ts');
    return openSqliteImport(home.file, clock);
  }
  const { openFirestoreImport } = await import('./firestore/import.ts');
  return openFirestoreImport(home);
}

/**
 * Opens the file of the server that is migrated from, for reading alone. `goOn` is called now and then while a statement
 * is at work, and ends it by throwing.
 */
export async function openLegacyFile(file: string, goOn?: () => void): Promise<LegacyFile> {
  const { openLegacy } = await import('./sqlite/legacy.ts');
  return openLegacy(file, goOn);
}
