import type { Clock } from '../clock.ts';
import type { Config, HomeConfig } from '../config.ts';
import type { IndexAdmin, IndexAdminOptions } from '../gate/observed.ts';
import type { Backend } from './contracts.ts';
import type { ImportStore, LegacyFile } from './import.ts';

/** Opens the store that the configuration names. Each backend is loaded only when it is the one. */
export async function openBackend(config: Config, clock: Clock): Promise<Backend> {
  if (config.home.kind === 'sqlite') {
    const { openSqlite } = await import('./sqlite/open.ts');
    return openSqlite(config.home.file);
  }
  const { openFirestore } = await import('./firestore/open.ts');
  return openFirestore({ ...config.home, cache: config.read_cache, clock });
}

/** Opens the way to Firestore's Admin API, whose client is loaded for nothing else. */
export async function openIndexAdmin(options: IndexAdminOptions): Promise<IndexAdmin> {
  const admin = await import('./firestore/admin.ts');
  return admin.openIndexAdmin(options);
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

/** Opens the file of the server that is migrated from, for reading alone. */
export async function openLegacyFile(file: string): Promise<LegacyFile> {
  const { openLegacy } = await import('./sqlite/legacy.ts');
  return openLegacy(file);
}
