/** Bundles hosting/src into hosting/dist, which is what Hosting and the box serve: one file to begin with, views on demand. */
import { build as esbuild } from 'esbuild';
import { copyFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pageDir, pageSourceDir } from './lib/paths.ts';

/** zod looks whether it may make code of its own, which the page's Content-Security-Policy refuses aloud. */
const NO_CODE_OF_ITS_OWN = '(globalThis.__zod_globalConfig??={}).jitless=true;';

const COPIED = ['index.html', 'icon.svg'];

/** Writes beside the old page and swaps, so that a running server never sees half of one. */
export async function buildPage(): Promise<void> {
  const fresh = `${pageDir}-${process.pid}`;
  try {
    await esbuild({
      entryPoints: [{ in: join(pageSourceDir, 'src', 'main.tsx'), out: 'app' }],
      outdir: fresh,
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'browser',
      target: ['chrome124', 'firefox127', 'safari17.5'],
      jsx: 'automatic',
      jsxImportSource: 'preact',
      minify: true,
      banner: { js: NO_CODE_OF_ITS_OWN },
      legalComments: 'linked',
      chunkNames: 'parts/[name]-[hash]',
      logLevel: 'warning',
    });
    for (const file of COPIED) await copyFile(join(pageSourceDir, file), join(fresh, file));
    await rm(pageDir, { recursive: true, force: true });
    await rename(fresh, pageDir);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

if (import.meta.main) await buildPage();
