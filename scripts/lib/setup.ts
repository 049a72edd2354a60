/** Set-up that every verb shares: the functions' packages are installed and their bundle is fresh. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { linkLauncher } from './firebase-cli.ts';
import { functionsDir, pageDir, rootDir } from './paths.ts';
import { run, runOrFail } from './run.ts';

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

/** What is built, of what, and how. */
interface Product {
  readonly file: string;
  /** Globs from the repository's top. */
  readonly sources: readonly string[];
  readonly build: () => Promise<void>;
}

const functionsBundle: Product = {
  file: join(functionsDir, 'lib', 'index.js'),
  sources: [
    'scripts/build.ts',
    'firestore.indexes.json', // part of the bundle: what the index gate asks for
    'functions/{src/**/*.ts,core/**/*.{ts,sql,json},warm.ts,package.json}',
  ],
  build: async () => (await import('../build.ts')).build(),
};

const page: Product = {
  file: join(pageDir, 'app.js'),
  sources: [
    'scripts/build-page.ts',
    'hosting/*.{html,svg}',
    'hosting/src/**/*',
    'functions/core/**/*.ts',
    'package-lock.json',
  ],
  build: async () => (await import('../build-page.ts')).buildPage(),
};

/** Builds when a source is newer than what was built. */
async function ensureFresh({ file, sources, build }: Product): Promise<void> {
  let newest_ms = 0;
  for await (const source of glob([...sources], { cwd: rootDir })) {
    newest_ms = Math.max(newest_ms, mtimeMs(join(rootDir, source)));
  }
  if (mtimeMs(file) < newest_ms) await build();
}

/** Builds the functions' bundle and the page when a source is newer than they are. */
export async function ensureBuilt(): Promise<void> {
  await Promise.all([ensureFresh(functionsBundle), ensurePage()]);
}

/** The page alone, for a box: it runs the functions from their sources. */
export function ensurePage(): Promise<void> {
  return ensureFresh(page);
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
