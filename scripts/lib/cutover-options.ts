/** The verbs of `npm run cutover` and their options. */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '@bas/core/clock';
import type { AdvanceOptions } from '@bas/core/cutover/advance';
import { MAX_WORDS } from '@bas/core/cutover/shapes';
import { misplaced } from '@bas/core/cutover/step-options';
import { CONCERNS, type Concern, type Flags } from '@bas/core/model/flags';
import { UsageError, wholeOption, type Values } from './cli.ts';
import { dataOption } from './home.ts';

const json = { type: 'boolean', default: false, help: 'Print the result as JSON' } as const;
const common = { data: dataOption, json } as const;
const operand = { hint: 'CONCERN', choices: CONCERNS } as const;

export const usages = {
  status: {
    command: 'npm run cutover -- status',
    summary: 'Shows where each concern is read, what comes next and what stands in its way. Asks Firestore nothing.',
    options: common,
  },
  advance: {
    command: 'npm run cutover -- advance',
    summary: 'Takes the next step of one concern, or says every reason why not, and then changes nothing.',
    operand,
    options: {
      emulator: { type: 'boolean', default: false, help: 'An emulator is meant, which has no index gate' },
      'min-green': {
        type: 'string',
        hint: 'DURATION',
        help: 'From dual to firestore: how long both stores must have agreed: 24h, 30m, 0 (default 24h); shorter is audited',
      },
      days: { type: 'string', hint: 'N', help: 'Deliver the telemetry of the last N days (default all that is kept)' },
      'from-ms': { type: 'string', hint: 'T', help: 'The same as an instant, in UTC epoch milliseconds' },
      'waive-older': {
        type: 'string',
        hint: 'WORDS',
        help: 'Leave history from before that behind, and why; audited',
      },
      ...common,
    },
    notes: [
      'telemetry goes from sqlite to dual (delivered to Firestore, read from SQLite) to firestore; then audit, then auth.',
      '--days and --from-ms belong to the step into dual, --min-green to the one out of it. Delivering is the work of npm run serve: keep it running.',
    ],
  },
  rollback: {
    command: 'npm run cutover -- rollback',
    summary: 'Turns the reads of one concern round to SQLite at once. Nothing is lost: SQLite has everything.',
    operand,
    options: {
      reason: { type: 'string', hint: 'WORDS', help: 'Why; audited' },
      to: {
        type: 'string',
        default: 'sqlite',
        hint: 'PHASE',
        help: 'dual: only reads turn, telemetry is delivered on',
      },
      ...common,
    },
  },
  compare: {
    command: 'npm run cutover -- compare',
    summary: 'Compares both stores bucket by bucket and names every point that differs.',
    options: {
      changed: {
        type: 'boolean',
        default: false,
        help: 'Only what changed since it was found equal, and a sample of the rest',
      },
      restart: {
        type: 'boolean',
        default: false,
        help: 'From the beginning, although one that was stopped could go on',
      },
      repair: { type: 'boolean', default: false, help: 'Have buckets that differ delivered again; audited' },
      ...common,
    },
    notes: [
      'Exit 0 when nothing differs, 1 when something does, 3 when the stores could not be compared.',
      'It waits for another comparison, such as the one that the server makes every five minutes.',
      'Ctrl-C stops it (exit 130); the next compare goes on where it stopped.',
    ],
  },
  finalize: {
    command: 'npm run cutover -- finalize',
    summary: 'Ends the cutover: SQLite is closed, Firestore alone holds the data. There is no way back.',
    options: {
      yes: { type: 'boolean', default: false, help: 'Do it; without it, only shows what would be done' },
      ...common,
    },
  },
} as const;

export type Verb = keyof typeof usages;

export const cutoverCommand = {
  command: 'npm run cutover',
  verbs: usages,
  note: 'Moves the box of DIR/bas.sqlite to the Firestore of the project in GCP_PROJECT_ID (and FIRESTORE_EMULATOR_HOST).',
};

/** What the options of `advance` ask for. Throws a `UsageError` for what the step at hand cannot use. */
export function advanceOptions(
  options: Values<typeof usages.advance.options>,
  concern: Concern,
  flags: Flags,
  now_ms: number,
): AdvanceOptions {
  const { 'min-green': minGreen, 'from-ms': from, days, 'waive-older': waive, emulator } = options;
  if (days !== undefined && from !== undefined) throw new UsageError('--days and --from-ms say the same: give one.');
  const since = days === undefined ? 'from-ms' : 'days';
  const wanted = {
    emulator,
    min_green_ms: minGreen === undefined ? undefined : durationOption('min-green', minGreen),
    backfill_start_ms: backfillStart(options, now_ms),
    waive:
      waive === undefined ? undefined : wordsOf('waive-older', waive, 'say in words why older history is left behind'),
  };
  const wrong = misplaced(concern, flags, wanted);
  if (wrong === null) return wanted;
  const name = { min_green_ms: 'min-green', backfill_start_ms: since, waive: 'waive-older' }[wrong.option];
  throw new UsageError(`--${name} belongs ${wrong.belongs}.`);
}

function backfillStart({ days, 'from-ms': from }: Values<typeof usages.advance.options>, now_ms: number) {
  if (days !== undefined) return now_ms - wholeOption('days', days, 1, 3_650) * DAY_MS;
  return from === undefined ? undefined : wholeOption('from-ms', from, 0, now_ms);
}

/** Why a rollback is asked for. */
export function reasonFrom(text: string | undefined): string {
  return wordsOf('reason', text ?? '', 'say in words why, for the audit log');
}

/** What is said in words goes into the audit log: something, and not a book. */
function wordsOf(name: string, text: string, hint: string): string {
  const words = text.trim();
  if (words === '') throw new UsageError(`--${name} is missing: ${hint}.`);
  if (words.length <= MAX_WORDS) return words;
  throw new UsageError(`--${name} is ${words.length} characters long: at most ${MAX_WORDS} are kept.`);
}

/** Where a rollback goes. */
export function backTo(concern: Concern, text: string): 'sqlite' | 'dual' {
  if (text === 'sqlite' || (text === 'dual' && concern === 'telemetry')) return text;
  throw new UsageError('--to must be sqlite, or for telemetry dual.');
}

/** What to compare: everything unless told otherwise. */
export function compareOptions({ changed, restart }: Values<typeof usages.compare.options>): {
  readonly full: boolean;
  readonly restart: boolean;
} {
  if (changed && restart) throw new UsageError('--changed and --restart contradict each other: give one.');
  return { full: !changed, restart };
}

const UNITS_MS: Readonly<Record<string, number>> = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

function durationOption(name: string, text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const unit_ms = UNITS_MS[unit];
  if (text === '0') return 0;
  if (count !== undefined && unit_ms !== undefined) return Number(count) * unit_ms;
  throw new UsageError(`--${name} must be a duration such as 24h, 30m or 0, not ${JSON.stringify(text)}.`);
}
