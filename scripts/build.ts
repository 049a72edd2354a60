/** Bundles functions/src into functions/lib, in split chunks: a cold start loads only what its function needs. */
import { build as esbuild } from 'esbuild';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { functionsDir } from './lib/paths.ts';

/** Packages with native parts, and the SDKs that the Firebase CLI looks for, stay in node_modules. */
const external = ['argon2', 'better-sqlite3', 'firebase-functions', 'firebase-admin', '@google-cloud/*'];

/** Writes beside the old bundle and swaps, so that a running server never sees half of one. */
export async function build(): Promise<void> {
  const target = join(functionsDir, 'lib');
  const fresh = join(functionsDir, `lib-${process.pid}`);
  await esbuild({
    entryPoints: [join(functionsDir, 'src', 'index.ts')],
    outdir: fresh,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    sourcemap: 'external',
    legalComments: 'none',
    logLevel: 'warning',
    external,
    chunkNames: 'chunks/[name]-[hash]',
  });
  await rm(target, { recursive: true, force: true });
  await rename(fresh, target);
}

if (import.meta.main) await build();
