/** Packs functions/ as a deploy would: the Firebase CLI's own walk over the files, with firebase.json's ignore list. */
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, relative } from 'node:path';
import { functionsDir, rootDir } from './paths.ts';
import { runOrFail } from './run.ts';

interface FsAsync {
  readdirRecursive(options: { path: string; ignoreStrings: string[] }): Promise<{ name: string; mode: number }[]>;
}

interface FirebaseConfig {
  functions: { source: string; ignore: string[] }[];
}

/** What the CLI adds to the ignore list of firebase.json. */
const alwaysIgnored = ['firebase-debug.log', 'firebase-debug.*.log', '.runtimeconfig.json'];

const fsAsync = createRequire(import.meta.url)('firebase-tools/lib/fsAsync') as FsAsync;

/** The files that would travel, relative to `source`, sorted; `source` is functions/ or a copy of it. */
export async function packedFiles(source = functionsDir): Promise<string[]> {
  const config = JSON.parse(readFileSync(join(rootDir, 'firebase.json'), 'utf8')) as FirebaseConfig;
  const ignored = config.functions.find((each) => each.source === 'functions')?.ignore ?? [];
  const files = await fsAsync.readdirRecursive({ path: source, ignoreStrings: [...ignored, ...alwaysIgnored] });
  return files.map(({ name }) => relative(source, name)).sort();
}

/** Copies what would travel into an empty folder. */
export async function packFunctions(folder: string, source = functionsDir): Promise<string[]> {
  const files = await packedFiles(source);
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(source, file), join(folder, file), { dereference: true });
  }
  return files;
}

/** The cloud builds on the Node that it runs; the machine's own may be older. */
const env = { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}` };

/** Does to a packed folder what the cloud build does: installs what runs, then makes the compile cache. */
export async function buildPacked(folder: string): Promise<void> {
  await runOrFail('npm ci', 'npm', ['ci', '--omit=dev', '--loglevel=error'], { cwd: folder, env });
  await runOrFail('gcp-build', 'npm', ['run', '--silent', 'gcp-build'], { cwd: folder, env });
}
