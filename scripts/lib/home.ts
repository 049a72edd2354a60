/** Where a command's data is: the folder it is given for SQLite, or Firestore when the environment says so. */
import { readConfig, type Config } from '@bas/core/config';
import { SetupError } from '@bas/core/errors';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { demoDataDir, rootDir, sqliteFileIn } from './paths.ts';

/** `--data`, the same in every command. */
export const dataOption = {
  type: 'string',
  default: 'data',
  hint: 'DIR',
  help: 'Folder of the data file bas.sqlite and of demo.json',
} as const;

/** The folder named, or the project's own `data`. */
export function dataFolder(option: string): string {
  return option === dataOption.default ? join(rootDir, option) : resolve(option);
}

/** The demo has a folder of its own, the same for every way to start it, so that it never mixes with a real box. */
export function serveFolder(option: string | undefined, demo: boolean): string {
  if (option !== undefined) return dataFolder(option);
  return demo ? demoDataDir : dataFolder(dataOption.default);
}

/** Where a demo.json may be, the likeliest first. */
export function demoFolders(option: string | undefined): readonly string[] {
  return option === undefined ? [demoDataDir, dataFolder(dataOption.default)] : [dataFolder(option)];
}

export function homeConfig(folder: string): Config {
  return readConfig({ ...process.env, SQLITE_FILE: sqliteFileIn(folder) });
}

/** For commands that work on what is there: a mistyped folder must not become a new, empty box. */
export function existingHome(folder: string): Config {
  const config = homeConfig(folder);
  if (config.home.kind === 'sqlite' && !existsSync(config.home.file)) {
    const demo = existsSync(sqliteFileIn(demoDataDir)) ? ` (the demo's is in ${demoDataDir})` : '';
    throw new SetupError(`There is no data in ${folder}: check --data${demo}, or begin with create-tenant.`);
  }
  return config;
}
