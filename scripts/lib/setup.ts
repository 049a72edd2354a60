/** Set-up that every verb shares: the functions' packages are installed and their bundle is fresh. */
import { existsSync, statSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { functionsDir, rootDir } from './paths.ts';
import { run, runOrFail } from './run.ts';

const bundle = join(functionsDir, 'lib', 'index.js');
const installed = join(functionsDir, 'node_modules', '.package-lock.json');

function mtimeMs(path: string): number {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

/** Installs the functions' packages when the lock file is newer than what is installed. */
export async function ensureInstalled(): Promise<void> {
  if (mtimeMs(installed) >= mtimeMs(join(functionsDir, 'package-lock.json'))) return;
  await runOrFail('Installing the functions', 'npm', ['ci', '--loglevel=error'], { cwd: functionsDir });
}

async function newestSourceMs(): Promise<number> {
  let newest = mtimeMs(join(rootDir, 'scripts', 'build.ts'));
  for await (const file of glob(['src/**/*.ts', 'core/**/*.{ts,sql,json}', 'package.json'], { cwd: functionsDir })) {
    newest = Math.max(newest, mtimeMs(join(functionsDir, file)));
  }
  return newest;
}

/** Builds the bundle when a source is newer than it. */
export async function ensureBuilt(): Promise<void> {
  if (mtimeMs(bundle) >= (await newestSourceMs())) return;
  const { build } = await import('../build.ts');
  await build();
}

/** Points git at the repository's hooks when this is a checkout. */
async function installHooks(): Promise<void> {
  if (process.env['CI'] !== undefined || !existsSync(join(rootDir, '.git'))) return;
  await run('git', ['config', 'core.hooksPath', '.githooks'], { cwd: rootDir, quiet: true });
}

/** Everything a fresh clone needs. */
export async function prepare(): Promise<void> {
  await ensureInstalled();
  if (existsSync(join(rootDir, 'node_modules', 'esbuild'))) await ensureBuilt();
  await installHooks();
}
