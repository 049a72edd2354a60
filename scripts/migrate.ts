/** `npm run migrate`: takes people, events and points over from a legacy server's SQLite file. */
import { systemClock } from '@bas/core/clock';
import { inspect, type Inspection } from '@bas/core/migration/inspect';
import { migrate } from '@bas/core/migration/migrate';
import type { MigrationKind, MigrationOptions } from '@bas/core/migration/options';
import { isClean, type MigrationReport } from '@bas/core/migration/report';
import { refusedRows } from '@bas/core/migration/tally';
import type { HomeConfig } from '@bas/core/config';
import type { ImportStore } from '@bas/core/stores/import';
import { SetupError } from '@bas/core/errors';
import { openImport, openLegacyFile } from '@bas/core/stores/open';
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseOptions, runCommand, type ExitCode } from './lib/cli.ts';
import {
  fromFile,
  mappingFrom,
  homesOf,
  migrationOptions,
  optionalTenant,
  migrateCommand,
  targetConfig,
  usages,
  type Homes,
} from './lib/migrate-options.ts';
import { describeInspection, describeReport } from './lib/migrate-report.ts';
import { fileFault } from './lib/file-fault.ts';
import { Progress } from './lib/progress.ts';
import { stopSignal } from './lib/stop-signal.ts';
import { runVerb } from './lib/verbs.ts';

async function runMigration(kind: MigrationKind, args: readonly string[]): Promise<ExitCode> {
  const options = parseOptions(usages[kind], args);
  if (options === null) return 0;
  const from = fromFile(options.from);
  const config = targetConfig(options.to, options.data);
  const migration = migrationOptions(kind, options, config);
  if (options.report !== undefined) writeReport(options.report, {});
  const stopping = stopSignal();
  try {
    const report = await fromTo(from, homesOf(config.home, options.data), migration, stopping);
    if (options.report !== undefined) writeReport(options.report, report);
    console.log(options.json ? JSON.stringify(report) : describeReport(report));
    return isClean(report) ? 0 : 1;
  } catch (error) {
    if (!migration.dry_run && (stopping.aborted || !(error instanceof SetupError))) {
      console.error('Stopped on the way; what is stored stays. Go on with the same options and --resume.');
    }
    if (stopping.aborted) return 130;
    throw error;
  }
}

async function runInspect(args: readonly string[]): Promise<ExitCode> {
  const options = parseOptions(usages.inspect, args);
  if (options === null) return 0;
  const mapping = mappingFrom(options.map);
  const legacy = await openLegacyFile(fromFile(options.from));
  try {
    const tenant_id = optionalTenant(options.tenant);
    const found = inspect(legacy, { mapping, tenant_id, now_ms: systemClock.now_ms() });
    if (options.report !== undefined) writeReport(options.report, found);
    console.log(options.json ? JSON.stringify(found) : describeInspection(found));
    return wouldBeWhole(found) ? 0 : 1;
  } finally {
    legacy.close();
  }
}

function wouldBeWhole({ users, audit, telemetry }: Inspection): boolean {
  return [users, audit, telemetry].every((table) => !('fault' in table) && refusedRows(table.tally) === 0);
}

async function fromTo(
  from: string,
  { target, box_file }: Homes,
  migration: MigrationOptions,
  stopping: AbortSignal,
): Promise<MigrationReport> {
  const bars = new Bars();
  const sleep = (ms: number): Promise<void> => delay(ms, undefined, { signal: stopping });
  await using opened = new AsyncDisposableStack();
  const legacy = await openLegacyFile(from);
  opened.defer(() => legacy.close());
  const openStore = async (home: HomeConfig): Promise<ImportStore> => {
    const store = await openImport(home, systemClock);
    opened.defer(() => store.close());
    return store;
  };
  const store = await openStore(target);
  const box = box_file === null ? null : await openStore({ kind: 'sqlite', file: box_file });
  opened.defer(() => bars.end());
  return await migrate(migration, { legacy, store, box, clock: systemClock, sleep, stopping, onProgress: bars.show });
}

/** A bar for each phase. */
class Bars {
  #phase = '';
  #bar: Progress | undefined;

  readonly show = (phase: string, done_rows: number, total_rows: number): void => {
    if (phase !== this.#phase) {
      this.end();
      this.#phase = phase;
      this.#bar = new Progress(total_rows, done_rows, { unit: `rows, ${phase}`, paced: true });
    }
    this.#bar?.show(done_rows);
  };

  end(): void {
    this.#bar?.end();
  }
}

function writeReport(file: string, report: object): void {
  try {
    writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  } catch (error) {
    throw new SetupError(`The report ${file} cannot be written: ${fileFault(error)}.`, { cause: error });
  }
}

async function main(line: readonly string[]): Promise<ExitCode> {
  return runVerb(migrateCommand, line, (verb, args) =>
    verb === 'inspect' ? runInspect(args) : runMigration(verb, args),
  );
}

await runCommand(main);
