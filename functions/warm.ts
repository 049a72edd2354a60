/**
 * Runs in the cloud build (`gcp-build`), bundled as lib/warm.js: loads every chunk and makes one Firestore call that
 * goes nowhere, so that what a cold start compiles is in the compile cache that travels with the image.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const lib = import.meta.dirname;
const directory = join(lib, 'compile-cache');
const load = (file: string) => import(pathToFileURL(join(lib, file)).href);

async function callFirestore(): Promise<void> {
  process.env['FIRESTORE_EMULATOR_HOST'] = '127.0.0.1:9';
  const { Firestore } = await import('@google-cloud/firestore');
  const call = new Firestore({ projectId: 'demo-warm' }).doc('warm/up').get();
  await Promise.race([call.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 2_000))]);
}

async function warm(): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory);
  enableCompileCache({ directory, portable: true });
  await load('index.js');
  for (const chunk of readdirSync(join(lib, 'chunks')).filter((file) => file.endsWith('.js'))) {
    await load(join('chunks', chunk));
  }
  await callFirestore();
  flushCompileCache();
}

// A deploy must not fail because a cache could not be made.
await warm().catch((error: unknown) => process.emitWarning(`No compile cache: ${String(error)}`));
process.exit(0);
