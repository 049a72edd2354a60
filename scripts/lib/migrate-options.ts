/** The verbs of `npm run migrate` and their options. */
import { readConfig, type Config, type HomeConfig } from '@bas/core/config';
import { DAY_MS } from '@bas/core/clock';
import { SetupError } from '@bas/core/errors';
import type { MigrationKind, MigrationOptions } from '@bas/core/migration/options';
import { Mapping, parseMapping } from '@bas/core/migration/mapping';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { tenantFrom } from './admin-options.ts';
import { UsageError, wholeOption, type Values } from './cli.ts';
import { dataFolder, dataOption } from './home.ts';
import { sqliteFileIn } from './paths.ts';

const from = { type: 'string', hint: 'FILE', help: "The legacy server's SQLite file; it is only read" } as const;
const map = { type: 'string', hint: 'FILE', help: 'JSON that says what tables and columns are called' } as const;
const tenant = {
  type: 'string',
  hint: 'ID',
  help: 'The tenant of all rows; where a column says it, the only one to migrate',
} as const;
const json = { type: 'boolean', default: false, help: 'Print the report as JSON' } as const;
const report = { type: 'string', hint: 'FILE', help: 'Write the report as JSON to this file, too' } as const;

const running = {
  from,
  to: { type: 'string', hint: 'STORE', help: 'sqlite (the box in --data) or firestore' },
  data: dataOption,
  tenant,
  map,
  'dry-run': { type: 'boolean', default: false, help: 'Change nothing; say what would be stored' },
  resume: { type: 'boolean', default: false, help: 'Go on where a run with the same options was cut off' },
  concurrency: { type: 'string', default: '8', hint: 'N', help: 'Commits under way at once, 1 to 64' },
  rate: {
    type: 'string',
    default: '5',
    hint: 'N',
    help: 'Documents of points written per minute and device on Firestore; 0 is unlimited',
  },
  json,
  report,
} as const;
const since = { type: 'string', hint: 'T', help: 'The oldest instant to take, in UTC epoch milliseconds' } as const;

export const usages = {
  inspect: {
    command: 'npm run migrate -- inspect',
    summary: 'Shows what the file holds, what it would become and what would be refused. Opens no store.',
    options: { from, tenant, map, json, report },
    notes: ['Exit 1 when something would be refused.'],
  },
  users: {
    command: 'npm run migrate -- users',
    summary: 'Takes people over with the hashes they have; each is renewed when its owner first signs in.',
    options: running,
  },
  audit: {
    command: 'npm run migrate -- audit',
    summary: 'Takes the audit log of the last days over, marked sqlite_backfill.',
    options: {
      ...running,
      days: { type: 'string', hint: 'N', help: 'So many days, 7 to 30 (default 30)' },
      'from-ms': since,
    },
  },
  telemetry: {
    command: 'npm run migrate -- telemetry',
    summary: 'Takes points over in whole buckets and registers every device met; keys: npm run admin -- issue-keys.',
    options: {
      ...running,
      days: { type: 'string', hint: 'N', help: 'So many days, 1 to 90 (default 7)' },
      'from-ms': { ...since, help: `${since.help} (default: TELEMETRY_BACKFILL_START_MS of the environment)` },
    },
  },
} as const;

export type Verb = keyof typeof usages;

export const migrateCommand = {
  command: 'npm run migrate',
  verbs: usages,
  note: 'Exit 0 when all of it is stored as it was; 1 when something was refused, conflicts or differs.',
};

export function fromFile(option: string | undefined): string {
  if (option === undefined) throw new UsageError('--from is missing: which SQLite file?');
  return resolve(option);
}

export function mappingFrom(option: string | undefined): Mapping {
  if (option === undefined) return Mapping.parse({});
  try {
    return parseMapping(option, readFileSync(option, 'utf8'));
  } catch (error) {
    if (error instanceof SetupError) throw error;
    throw new SetupError(`The mapping ${option} cannot be read: check --map.`, { cause: error });
  }
}

export function optionalTenant(option: string | undefined): string | null {
  return option === undefined ? null : tenantFrom(option);
}

/** The store that `--to` names, wherever the flags of this environment stand. */
export function targetConfig(to: string | undefined, data: string): Config {
  if (to === undefined) throw new UsageError('--to is missing: sqlite or firestore?');
  if (to !== 'sqlite' && to !== 'firestore')
    throw new UsageError(`--to must be sqlite or firestore, not ${JSON.stringify(to)}.`);
  const flag = to === 'sqlite' ? '0' : '1';
  const flags = { USE_FIRESTORE_TELEMETRY: flag, USE_FIRESTORE_AUDIT: flag, USE_FIRESTORE_AUTH: flag };
  const file = to === 'sqlite' ? sqliteFileIn(dataFolder(data)) : undefined;
  return readConfig({ ...process.env, ...flags, SQLITE_FILE: file });
}

export interface Homes {
  readonly target: HomeConfig;
  /** Of the box that moves to the target; null where there is none, or where it is the target. */
  readonly box_file: string | null;
}

export function homesOf(target: HomeConfig, data: string): Homes {
  const file = sqliteFileIn(dataFolder(data));
  return { target, box_file: target.kind === 'firestore' && existsSync(file) ? file : null };
}

type RunningOptions = Values<typeof running> & {
  readonly days?: string;
  readonly 'from-ms'?: string;
};

const DAYS = {
  users: null,
  audit: { min: 7, max: 30, preset: 30 },
  telemetry: { min: 1, max: 90, preset: 7 },
} as const;

export function migrationOptions(kind: MigrationKind, options: RunningOptions, config: Config): MigrationOptions {
  const { to = '', tenant, map, resume } = options;
  const name = ['migrate', kind, to, ...(tenant === undefined ? [] : [tenant])].join('-');
  return {
    kind,
    mapping: mappingFrom(map),
    tenant_id: optionalTenant(tenant),
    fromAt: windowOf(kind, options, config),
    dry_run: options['dry-run'],
    resume,
    concurrency: wholeOption('concurrency', options.concurrency, 1, 64),
    rate: wholeOption('rate', options.rate, 0, 1_000_000),
    checkpoint_file: join(dataFolder(options.data), `${name}.json`),
  };
}

function windowOf(kind: MigrationKind, options: RunningOptions, config: Config): (now_ms: number) => number {
  const range = DAYS[kind];
  if (range === null) return () => 0;
  const { days, 'from-ms': from_text } = options;
  if (days !== undefined && from_text !== undefined)
    throw new UsageError('--days and --from-ms exclude each other: give one.');
  if (from_text !== undefined) {
    const from_ms = wholeOption('from-ms', from_text, 0, 999_999_999_999_999);
    return () => from_ms;
  }
  const secret_ms = kind === 'telemetry' && days === undefined ? config.backfill_start_ms : undefined;
  if (secret_ms !== undefined) return () => secret_ms;
  const count = days === undefined ? range.preset : wholeOption('days', days, range.min, range.max);
  return (now_ms) => now_ms - count * DAY_MS;
}
