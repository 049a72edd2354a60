/** Bundles functions/src into functions/lib, in split chunks: a cold start loads only what its function needs. */
import { build as esbuild, type BuildOptions, type Metafile } from 'esbuild';
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { deferUnused } from './lib/deferred.ts';
import { slimFirestore } from './lib/slim-firestore.ts';
import { functionsDir } from './lib/paths.ts';

/** Packages with native parts stay in node_modules; the SDKs go in, because reading one file is faster than hundreds. */
const external = ['argon2', 'better-sqlite3'];

/** The bundled SDKs are CommonJS inside and expect its globals. */
const banner = [
  "import { createRequire as __createRequire } from 'node:module';",
  'const require = __createRequire(import.meta.url), __filename = import.meta.filename, __dirname = import.meta.dirname;',
].join('\n');

/** How everything that is deployed is bundled. */
export const options = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  sourcemap: 'external',
  legalComments: 'none',
  minifyWhitespace: true,
  minifySyntax: true,
  logLevel: 'warning',
  metafile: true,
  external,
  banner: { js: banner },
  chunkNames: 'chunks/[name]-[hash]',
  plugins: [deferUnused(), slimFirestore()],
} satisfies BuildOptions;

/** What the catalogue exports, read from the bundle itself. */
function exportsOf(metafile: Metafile, file: string): string[] {
  return Object.entries(metafile.outputs).find(([path]) => basename(path) === file)?.[1].exports ?? [];
}

/**
 * The deployed entry: it turns on the compile cache before the catalogue is compiled, which a static import would
 * forestall. The cache is made by `gcp-build` in the cloud; where there is none, nothing is written.
 */
function entrySource(names: string[]): string {
  return `import { existsSync } from 'node:fs';
import { createRequire, enableCompileCache } from 'node:module';
import { join } from 'node:path';
const directory = join(import.meta.dirname, 'compile-cache');
if (existsSync(directory)) enableCompileCache({ directory, portable: true });
const catalogue = createRequire(import.meta.url)('./catalogue.js');
export const { ${names.join(', ')} } = catalogue;
`;
}

/** Writes beside the old bundle and swaps, so that a running server never sees half of one. */
export async function build(): Promise<void> {
  const target = join(functionsDir, 'lib');
  const fresh = join(functionsDir, `lib-${process.pid}`);
  try {
    const { metafile } = await esbuild({
      ...options,
      outdir: fresh,
      entryPoints: [
        { in: join(functionsDir, 'src', 'index.ts'), out: 'catalogue' },
        { in: join(functionsDir, 'warm.ts'), out: 'warm' },
      ],
    });
    await writeFile(join(fresh, 'index.js'), entrySource(exportsOf(metafile, 'catalogue.js')));
    await rm(target, { recursive: true, force: true });
    await rename(fresh, target);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

if (import.meta.main) await build();
