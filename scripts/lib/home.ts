/** Where a command's data is: the folder it is given for SQLite, or Firestore when the environment says so. */
import { readConfig, type Config } from '@bas/core/config';
import { SetupError } from '@bas/core/errors';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rootDir, sqliteFileIn } from './paths.ts';

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

export function homeConfig(folder: string): Config {
  return readConfig({ ...process.env, SQLITE_FILE: sqliteFileIn(folder) });
}

/** For commands that work on what is there: a mistyped folder must not become a new, empty box. */
export function existingHome(folder: string): Config {
  const config = homeConfig(folder);
  if (config.home.kind === 'sqlite' && !existsSync(config.home.file)) {
    throw new SetupError(`There is no data in ${folder}: check --data, or begin with create-tenant.`);
  }
  return config;
}
