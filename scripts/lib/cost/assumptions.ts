/** What a bill is worked out from, and the options that say it. */
import { parseOptions, UsageError, wholeOption, type Values } from '../cli.ts';

export interface Assumptions {
  readonly devices: number;
  readonly interval_s: number;
  /** As asked for; the write budget may force more. */
  readonly points_per_post: number;
  readonly dashboards: number;
  readonly retention_days: number;
  readonly devices_per_tenant: number;
  readonly metrics: number;
  readonly charts: number;
  readonly refresh_s: number;
  readonly open_hours: number;
  readonly sign_ins: number;
  readonly audit_events: number;
  readonly requests_per_instance: number;
}

interface Range {
  readonly min: number;
  readonly max: number;
}

const DEFAULT_DEVICES = '100';

const number = (preset: number | undefined, help: string) =>
  ({ type: 'string', hint: 'N', help, ...(preset === undefined ? {} : { default: String(preset) }) }) as const;

export const usage = {
  command: 'npm run cost --',
  summary: 'What Firestore charges a month for this design, and for one document per point, by the published prices.',
  options: {
    devices: number(undefined, `Devices that post (default ${DEFAULT_DEVICES})`),
    interval: { ...number(60, 'Seconds between two points of a device'), hint: 'S' },
    'points-per-post': { ...number(1, 'Points a device sends together'), hint: 'K' },
    dashboards: number(undefined, 'Browsers that watch (default one a tenant)'),
    'retention-days': { ...number(90, 'Days that points are kept'), hint: 'D' },
    'devices-per-tenant': number(100, 'Devices of one tenant'),
    metrics: number(6, 'Values in a point'),
    charts: number(6, 'Devices that a dashboard shows, the last 100 points of each'),
    refresh: { ...number(10, 'Seconds between two looks at a chart'), hint: 'S' },
    'open-hours': number(8, 'Hours a day that a dashboard is open'),
    'sign-ins': number(2, 'Sign-ins a day for each dashboard'),
    'audit-events': number(20, 'Audit events a day of a tenant besides sign-ins'),
    'requests-per-instance': number(100, 'Requests a second that one instance of a function answers'),
    table: { type: 'boolean', default: false, help: 'Print a Markdown table from 10 to 1,000,000 devices instead' },
    write: { type: 'string', hint: 'FILE', help: 'Run the commands that FILE shows, and put what they print into it' },
    json: { type: 'boolean', default: false, help: 'Print the figures as JSON' },
  },
  notes: [
    'Firestore alone is priced: invocations, CPU, network, logs, backups and schedules of the functions come on top,',
    'and so does point-in-time recovery, which infra/database.json switches on for prod.',
    'Every day is taken to be alike, and all data to be as old as it gets.',
  ],
} as const;

export type CostOptions = Values<typeof usage.options>;

const RANGES = {
  devices: { min: 1, max: 100_000_000 },
  interval: { min: 1, max: 86_400 },
  'points-per-post': { min: 1, max: 1_000 },
  dashboards: { min: 0, max: 10_000_000 },
  'retention-days': { min: 1, max: 3_650 },
  'devices-per-tenant': { min: 1, max: 1_000_000 },
  metrics: { min: 1, max: 64 },
  charts: { min: 0, max: 100 },
  refresh: { min: 1, max: 86_400 },
  'open-hours': { min: 0, max: 24 },
  'sign-ins': { min: 0, max: 100 },
  'audit-events': { min: 0, max: 1_000_000 },
  'requests-per-instance': { min: 1, max: 1_000 },
} as const satisfies Partial<Record<keyof CostOptions, Range>>;

/** Options that are in their ranges; null when help was asked for, which has then been printed. */
export function parseCostOptions(args: readonly string[]): CostOptions | null {
  const options = parseOptions(usage, args);
  if (options === null) return null;
  if (options.table && options.json) throw new UsageError('--table and --json exclude each other: give one.');
  if (options.table && options.devices !== undefined) {
    throw new UsageError('--table has rows of its own for --devices: give one of the two.');
  }
  readAssumptions(options);
  return options;
}

/** `devices` in the place of what the options say: a row of the table. */
export function readAssumptions(
  options: CostOptions,
  devices = wholeOf('devices', options.devices ?? DEFAULT_DEVICES),
): Assumptions {
  const devices_per_tenant = whole(options, 'devices-per-tenant');
  const tenants = Math.ceil(devices / devices_per_tenant);
  return {
    devices,
    devices_per_tenant,
    interval_s: whole(options, 'interval'),
    points_per_post: whole(options, 'points-per-post'),
    dashboards: options.dashboards === undefined ? tenants : whole(options, 'dashboards'),
    retention_days: whole(options, 'retention-days'),
    metrics: whole(options, 'metrics'),
    charts: whole(options, 'charts'),
    refresh_s: whole(options, 'refresh'),
    open_hours: whole(options, 'open-hours'),
    sign_ins: whole(options, 'sign-ins'),
    audit_events: whole(options, 'audit-events'),
    requests_per_instance: whole(options, 'requests-per-instance'),
  };
}

function whole(options: CostOptions, name: keyof typeof RANGES): number {
  return wholeOf(name, options[name] ?? '');
}

function wholeOf(name: keyof typeof RANGES, text: string): number {
  const { min, max } = RANGES[name];
  return wholeOption(name, text, min, max);
}
