import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Backend } from './contracts.ts';

/** Opens the store that the configuration names. Each backend is loaded only when it is the one. */
export async function openBackend(config: Config, clock: Clock): Promise<Backend> {
  if (config.home.kind === 'sqlite') {
    const { openSqlite } = await import('./sqlite/open.ts');
    return openSqlite(config.home.file);
  }
  const { openFirestore } = await import('./firestore/open.ts');
  return openFirestore({ ...config.home, cache: config.read_cache, clock });
}
