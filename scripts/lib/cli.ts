/** What every command line of the project has in common: options, `--help`, one-line errors, exit codes. */
import { reasonsOf } from '@bas/core/cutover/refused';
import { AccessRefused, Problem, SetupError } from '@bas/core/errors';
import { parseArgs } from 'node:util';
import { printable } from './words.ts';

/** One option; `hint` names its value in the help. */
export interface Option {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  readonly default?: string | boolean;
  readonly hint?: string;
  readonly help: string;
}

export type Options = Readonly<Record<string, Option>>;

/** A word without dashes in front, such as the `telemetry` of `advance telemetry`. */
export interface Operand<Choice extends string> {
  readonly hint: string;
  readonly choices: readonly Choice[];
}

/** What a command is: enough to parse its line and to explain it. */
export interface Usage<O extends Options, Choice extends string = string> {
  /** As typed: `npm run serve --`. */
  readonly command: string;
  readonly summary: string;
  /** The one word it takes besides options, if it takes any. */
  readonly operand?: Operand<Choice>;
  readonly options: O;
  /** Further lines for the help. */
  readonly notes?: readonly string[];
}

export type Values<O extends Options> = ReturnType<typeof parseArgs<{ options: O; strict: true }>>['values'];

/** 0 done, 1 refused or failed, 2 wrong use; 3 where 1 says what was found, and nothing could be; 130 stopped by the user. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

/** Wrong use of a command: exit 2, with a word on where help is. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Parses a command line; null when it asked for help, which has then been printed. */
export function parseOptions<const O extends Options>(usage: Usage<O>, args: readonly string[]): Values<O> | null {
  return parse(usage, () => parseArgs({ args: [...args], options: usage.options, strict: true }).values, args);
}

/** Parses the line of a command that takes one word besides options; null as above. */
export function parseWithOperand<const O extends Options, Choice extends string>(
  usage: Usage<O, Choice> & { readonly operand: Operand<Choice> },
  args: readonly string[],
): { readonly operand: Choice; readonly options: Values<O> } | null {
  const { choices, hint } = usage.operand;
  return parse(
    usage,
    () => {
      const read = parseArgs({ args: [...args], options: usage.options, strict: true, allowPositionals: true });
      const [word, ...more] = read.positionals;
      if (word === undefined) throw new Error(`${hint} is missing: one of ${choices.join(', ')}`);
      const operand = choices.find((choice) => choice === word);
      if (operand === undefined) throw new Error(`${hint} must be one of ${choices.join(', ')}, not '${word}'`);
      if (more.length > 0) throw new Error(`Unexpected argument '${more.join(' ')}'`);
      return { operand, options: read.values };
    },
    args,
  );
}

function parse<T>(usage: Usage<Options>, read: () => T, args: readonly string[]): T | null {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(helpText(usage));
    return null;
  }
  try {
    return read();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Node adds advice on positional arguments after the first sentence.
    const first = dashed(message, args) ?? message.split(/\. |\n/, 1)[0] ?? '';
    throw new UsageError(`${first.replace(/\.$/, '')}. See ${usage.command} --help.`);
  }
}

/** What to say of a value that begins with a dash, which might be an option too; null when it is not that. */
function dashed(message: string, args: readonly string[]): string | null {
  const [, option] = /^Option '(?:-\w, )?(--[\w-]+)(?: [^']*)?' argument is ambiguous/.exec(message) ?? [];
  if (option === undefined) return null;
  const value = args[args.indexOf(option) + 1] ?? '';
  return `${option} is followed by ${value}: if that is its value, write ${option}=${value}`;
}

/** The options of a script that is no `runCommand`; exits when they ask for help, or are wrong. */
export function optionsOrExit<const O extends Options>(usage: Usage<O>): Values<O> {
  try {
    return parseOptions(usage, process.argv.slice(2)) ?? process.exit(0);
  } catch (error) {
    tellError(error);
    process.exit(2);
  }
}

export function helpText(usage: Usage<Options>): string {
  const { operand } = usage;
  const rows = Object.entries(usage.options).map(([name, option]): readonly [string, string] => {
    const value = option.type === 'string' ? ` ${option.hint ?? 'VALUE'}` : '';
    const preset = option.default === undefined ? '' : ` (default ${String(option.default)})`;
    return [`--${name}${value}`, `${option.help}${preset}`];
  });
  if (operand !== undefined) rows.unshift([operand.hint, operand.choices.join(', ')]);
  rows.push(['--help', 'Show this help']);
  const width = Math.max(...rows.map(([left]) => left.length));
  const lines = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
  const command = operand === undefined ? usage.command : `${usage.command} ${operand.hint}`;
  return [`${command} [options]`, '', usage.summary, '', ...lines, ...['', ...(usage.notes ?? [])]]
    .join('\n')
    .trimEnd();
}

/** A whole number in an option, within bounds. */
export function wholeOption(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (/^\d{1,15}$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(`--${name} must be a whole number from ${min} to ${max}, not ${JSON.stringify(text)}.`);
}

/** How long a command that is done may stay: the SDK goes on trying to reach a store that is away, for minutes. */
const LINGERING_MS = 1_000;

/** Runs a command to its exit code. A foreseen failure is one line; anything else is a fault and shows where. */
export async function runCommand(main: (args: readonly string[]) => Promise<ExitCode>): Promise<void> {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    tellError(error);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
  setTimeout(() => process.exit(), LINGERING_MS).unref();
}

/** Prints why a command failed. */
export function tellError(error: unknown): void {
  console.error(error instanceof Error ? explain(error) : String(error));
}

const REFUSED =
  'Firestore refuses whoever this runs as: look at the roles of the account, and at its credentials (gcloud auth application-default login, or GOOGLE_APPLICATION_CREDENTIALS).';

function explain(error: Error): string {
  if (error instanceof Problem && error.cause instanceof AccessRefused) return REFUSED;
  if (error instanceof Problem) return (reasonsOf(error) ?? [error.detail]).map(printable).join('\n');
  if (error instanceof SetupError || error instanceof UsageError) return printable(error.message);
  return error.stack ?? error.message;
}
