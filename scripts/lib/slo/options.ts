import { DAY_MS, HOUR_MS, MINUTE_MS } from '@bas/core/clock';
import { parseOptions, UsageError, type Values } from '../cli.ts';
import { dataOption } from '../home.ts';

const usage = {
  command: 'npm run slo --',
  summary: 'Latency of "last 100 points", availability and reads, against what is promised.',
  options: {
    window: { type: 'string', hint: 'SPAN', help: 'How far back: 15m, 1h, 7d and the like, 35d at most (default 1h)' },
    weekly: { type: 'boolean', default: false, help: 'Print the last seven whole days (UTC) as Markdown instead' },
    data: dataOption,
    project: {
      type: 'string',
      hint: 'ID',
      help: 'Ask Cloud Monitoring of this project; the data file only where there are no credentials',
    },
    endpoint: { type: 'string', hint: 'HOST:PORT', help: 'Another door of Cloud Monitoring, such as a private one' },
    json: { type: 'boolean', default: false, help: 'Print the figures as JSON' },
  },
  notes: [
    'Exit code: 0 kept, or nothing to judge; 1 a promise was broken; 2 wrong use; 3 nothing could be measured.',
    'Cloud Monitoring is asked with the Application Default Credentials, and knows a request after some minutes.',
  ],
} as const;

export type SloOptions = Omit<Values<typeof usage.options>, 'window'> & {
  /** As it was asked for. */
  readonly window: string;
  readonly window_ms: number;
};

const MAX_WINDOW_MS = 35 * DAY_MS;
const UNITS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/** Null when help was asked for, which has then been printed. */
export function parseSloOptions(args: readonly string[]): SloOptions | null {
  const options = parseOptions(usage, args);
  if (options === null) return null;
  if (options.weekly && (options.json || options.window !== undefined)) {
    throw new UsageError('--weekly is Markdown of whole days: give neither --json nor --window with it.');
  }
  if (options.endpoint !== undefined) checkEndpoint(options.endpoint, options.project);
  const { window = '1h' } = options;
  return { ...options, window, window_ms: readWindow_ms(window) };
}

function readWindow_ms(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const window_ms = Number(number) * (UNITS[unit] ?? 0);
  if (window_ms > 0 && window_ms <= MAX_WINDOW_MS) return window_ms;
  throw new UsageError(`--window must be a span from 1m to 35d, such as 15m, 1h or 7d, not ${JSON.stringify(text)}.`);
}

function checkEndpoint(endpoint: string, project: string | undefined): void {
  if (project === undefined) throw new UsageError('--endpoint belongs to --project: give both.');
  if (!/^[\w.-]+:\d{1,5}$/.test(endpoint)) throw new UsageError('--endpoint must be HOST:PORT.');
}
