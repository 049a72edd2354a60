/** `npm test`: set-up, checks, one Firestore emulator, every test, and a closing line that any CI can read. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { runChecks } from './lib/checks.ts';
import { UsageError } from './lib/cli.ts';
import { Descendants } from './lib/descendants.ts';
import { startFirestore, type FirestoreEmulator } from './lib/firestore-emulator.ts';
import { mochaArgs, testHelp } from './lib/mocha-args.ts';
import { totalsVariable, type Totals } from './lib/mocha-reporter.ts';
import { rootDir } from './lib/paths.ts';
import { spawnGroup, stopGroup } from './lib/run.ts';
import { ensureBuilt, ensureInstalled } from './lib/setup.ts';

const LINGERING_MS = 30_000;

const words = process.argv.slice(2);
const args = readWords();
const scratch = mkdtempSync(join(tmpdir(), 'bas-test-'));
let emulator: FirestoreEmulator | undefined;
let mocha: ChildProcess | undefined;

function readWords(): string[] {
  if (words.includes('--help') || words.includes('-h')) {
    console.log(testHelp);
    process.exit(0);
  }
  try {
    return mochaArgs(words);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

async function cleanUp(): Promise<void> {
  if (mocha?.pid !== undefined) {
    const family = new Descendants(mocha.pid);
    family.remember();
    await stopGroup(mocha, 3_000);
    family.killRemaining();
  }
  await emulator?.stop();
  rmSync(scratch, { recursive: true, force: true });
}

/** Null when it does not end by itself after its last test: what a test left running would keep it for ever. */
async function lingering(child: ChildProcess, totalsFile: string): Promise<[null]> {
  while (!existsSync(totalsFile)) await sleep(1_000, undefined, { ref: false });
  await sleep(LINGERING_MS, undefined, { ref: false });
  if (child.exitCode === null)
    console.error(`A test left something running: ended ${LINGERING_MS / 1_000} s after the last.`);
  return [null];
}

async function runMocha(host: string): Promise<Totals> {
  const file = join(scratch, 'totals.json');
  const options = [
    '--reporter',
    'scripts/lib/mocha-reporter.ts',
    '--require',
    './functions/test/support/metered-run.ts',
    '--forbid-only',
    '--forbid-pending',
  ];
  mocha = spawnGroup(process.execPath, ['node_modules/mocha/bin/mocha.js', ...options, ...args], {
    cwd: rootDir,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, FIRESTORE_EMULATOR_HOST: host, [totalsVariable]: file },
  });
  const ended = once(mocha, 'exit') as Promise<[number | null]>;
  const [code] = await Promise.race([ended, lingering(mocha, file)]);
  let totals: Totals = { passed: 0, failed: 0 };
  try {
    totals = JSON.parse(readFileSync(file, 'utf8')) as Totals;
  } catch {
    console.error('Mocha ended without a result.');
  }
  // A run that broke down, or found nothing to run, is a failure of its own.
  if (totals.failed === 0 && (code !== 0 || totals.passed === 0)) totals.failed = 1;
  return totals;
}

/** A narrowed run goes on without a fresh bundle: a unit test does not need one. */
async function setUp(narrowed: boolean): Promise<void> {
  await ensureInstalled();
  await ensureBuilt().catch((error: unknown) => {
    if (!narrowed) throw error;
    console.error('The bundle could not be built; the last one, if any, is used.');
  });
}

async function main(): Promise<Totals> {
  const narrowed = words.length > 0;
  await setUp(narrowed);
  const checks = narrowed ? { passed: 0, failed: 0 } : await runChecks();
  emulator = await startFirestore();
  const tests = await runMocha(emulator.host);
  return { passed: checks.passed + tests.passed, failed: checks.failed + tests.failed };
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Not once: npm passes on the signal that the terminal sent already, and a second one must not cut this short.
  process.on(signal, () => void cleanUp().finally(() => process.exit(130)));
}

const totals = await main()
  .catch((error: unknown): Totals => {
    console.error(error instanceof Error ? error.message : error);
    return { passed: 0, failed: 1 };
  })
  .finally(cleanUp);
console.log(`\n${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 ? 0 : 1;
