/** Set-up that every verb shares: the functions' packages are installed and their bundle is fresh. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { linkLauncher } from './firebase-cli.ts';
import { functionsDir, rootDir } from './paths.ts';
import { run, runOrFail } from './run.ts';

const bundle = join(functionsDir, 'lib', 'index.js');
const installed = join(functionsDir, 'node_modules', '.package-lock.json');

function mtimeMs(path: string): number {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}

interface Lock {
  packages: Record<string, { version?: string; optional?: boolean; link?: boolean } | undefined>;
}

function readLock(path: string): Lock {
  return JSON.parse(readFileSync(path, 'utf8')) as Lock;
}

/** Whether what is installed is what the lock file names; times tell nothing after a checkout. */
function isInstalled(): boolean {
  if (!existsSync(installed)) return false;
  const present = readLock(installed).packages;
  return Object.entries(readLock(join(functionsDir, 'package-lock.json')).packages).every(([path, wanted]) => {
    if (!path.startsWith('node_modules/') || wanted?.link) return true;
    return present[path] ? present[path].version === wanted?.version : wanted?.optional === true;
  });
}

/** Installs the functions' packages when they differ from the lock file. */
export async function ensureInstalled(): Promise<void> {
  if (isInstalled()) return;
  await runOrFail('Installing the functions', 'npm', ['ci', '--loglevel=error'], { cwd: functionsDir });
}

async function newestSourceMs(): Promise<number> {
  let newest = Math.max(
    mtimeMs(join(rootDir, 'scripts', 'build.ts')),
    mtimeMs(join(rootDir, 'firestore.indexes.json')), // part of the bundle: what the index gate asks for
  );
  for await (const file of glob(['src/**/*.ts', 'core/**/*.{ts,sql,json}', 'warm.ts', 'package.json'], {
    cwd: functionsDir,
  })) {
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
  linkLauncher();
  await installHooks();
  await ensureInstalled();
  if (existsSync(join(rootDir, 'node_modules', 'esbuild'))) await ensureBuilt();
}
