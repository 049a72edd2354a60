#!/usr/bin/env node
// `npx firebase` in this repository. `emulators:*` without --only starts what this machine can run: Functions and
// Hosting always, Firestore and Pub/Sub where a fitting Java and their emulators are found. `deploy` builds first what is older
// than its sources. All else passes through.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);
const cli = require.resolve('firebase-tools/lib/bin/firebase.js');
const args = process.argv.slice(2);

if (Number(process.versions.node.split('.')[0]) < 24) {
  const node = join(import.meta.dirname, '..', 'node_modules', '.bin', 'node');
  process.exit(spawnSync(node, [import.meta.filename, ...args], { stdio: 'inherit' }).status ?? 1);
}
if (/^emulators:(start|exec)$/.test(args[0] ?? '')) {
  const { emulatorArguments } = await import('./lib/firebase-cli.ts');
  args.push(...emulatorArguments(args));
}
const isPartial = args.includes('--only') && !/\b(functions|hosting)\b/.test(args.join(' '));
if (args[0] === 'deploy' && !isPartial) {
  const { ensureBuilt } = await import('./lib/setup.ts');
  await ensureBuilt();
}
process.argv = [process.execPath, cli, ...args];
require(cli);
