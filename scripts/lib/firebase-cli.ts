/** How the repository's `firebase` command starts emulators, and how it takes the CLI's place. */
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { planEmulators } from './emulators.ts';
import { binDir, demoDataDir, rootDir, sqliteFileIn } from './paths.ts';

const launcher = join(rootDir, 'scripts', 'firebase.mjs');

/** Sets what the CLI and the functions need in this process's environment; returns the arguments to add. */
export function emulatorArguments(given: readonly string[]): string[] {
  const plan = planEmulators();
  // Without the last, the CLI looks for a cloud metadata server and says that there is none.
  Object.assign(process.env, plan.env, { METADATA_SERVER_DETECTION: 'none' });
  process.env['SQLITE_FILE'] ??= sqliteFileIn(demoDataDir);
  mkdirSync(dirname(process.env['SQLITE_FILE']), { recursive: true });
  if (given.some((word) => word === '--only' || word.startsWith('--only='))) return [];
  for (const missing of plan.missing) console.error(`Left out: ${missing}`);
  return ['--only', plan.only.join(',')];
}

/**
 * Puts the launcher in front of the CLI. firebase.json has to name Firestore for deploys, and the CLI then insists on
 * Java and downloads; no option in the file says otherwise.
 */
export function linkLauncher(): void {
  if (!existsSync(binDir)) return;
  const link = join(binDir, 'firebase');
  if (process.platform === 'win32') {
    writeFileSync(`${link}.cmd`, `@"%~dp0\\node.cmd" "%~dp0\\${relative(binDir, launcher)}" %*\r\n`);
    return;
  }
  chmodSync(launcher, 0o755);
  rmSync(link, { force: true });
  symlinkSync(relative(binDir, launcher), link);
}
