/** Where things live in the repository. */
import { join, resolve } from 'node:path';

/** The repository's top folder. */
export const rootDir = resolve(import.meta.dirname, '../..');
/** The Firebase source folder, which is what is deployed. */
export const functionsDir = join(rootDir, 'functions');
/** The page: its sources, and beside them what is built of them and served. */
export const pageSourceDir = join(rootDir, 'hosting');
export const pageDir = join(pageSourceDir, 'dist');
/** Executables of the tooling's own packages. */
export const binDir = join(rootDir, 'node_modules', '.bin');
/** Git-ignored folder for things that can be made again. */
export const cacheDir = join(rootDir, '.cache');
/** The project id of every local run; `demo-` makes the emulators refuse live services. */
export const demoProject = 'demo-bas';
/** Where `npm start` keeps the demo box. */
export const demoDataDir = join(rootDir, 'data', 'demo');

/** The box's database in its data folder. */
export function sqliteFileIn(dataDir: string): string {
  return join(dataDir, 'bas.sqlite');
}
