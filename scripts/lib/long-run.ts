/** Runs that take long enough to be verbs of their own: parts, each with a file of evidence. */
import { join } from 'node:path';
import { renderEvidence, type Row } from '../../functions/bench/report.ts';
import { UsageError, type ExitCode } from './cli.ts';
import { EVIDENCE, tellEvidence } from './evidence.ts';
import { startFirestore } from './firestore-emulator.ts';
import { stopSignal } from './stop-signal.ts';

/** What every part is given besides the counts of its verb. */
export interface LongRun {
  readonly emulator_host: string;
  /** Aborted by Ctrl-C: the part then tells of what it has done so far. */
  readonly signal: AbortSignal;
  /** Tells a person how far it is. */
  readonly progress: (line: string) => void;
}

/** One part: what its evidence is called and what it has shown. */
export interface LongRunPart<Counts> {
  readonly title: string;
  run(run: LongRun & Counts): Promise<readonly Row[]>;
}

/** Loaded when they are run. */
export type LongRunParts<Counts> = Readonly<Record<string, () => Promise<LongRunPart<Counts>>>>;

interface Verb<C> {
  readonly name: string;
  readonly parts: LongRunParts<C>;
  /** Those wanted, by comma; all of them when left out. */
  readonly only: string | undefined;
  /** By the options' names. */
  readonly counts: C & Readonly<Record<string, number>>;
  readonly out: string | undefined;
}

/** Runs the parts one after the other; 1 when a bar does not hold, 130 when Ctrl-C ended it. */
export async function runParts<C>({ name, parts, only, counts, out }: Verb<C>): Promise<ExitCode> {
  const wanted = only === undefined ? Object.entries(parts) : only.split(',').map((word) => partOf(parts, word));
  const signal = stopSignal();
  const emulator = await startFirestore();
  // Tests' own way to name the emulator: what is run is what they run.
  process.env['FIRESTORE_EMULATOR_HOST'] = emulator.host;
  try {
    for (const [word, load] of wanted) {
      if (isStopped(signal)) break;
      tell(`${name}: ${word}`);
      const part = await load();
      const rows = await part.run({ ...counts, emulator_host: emulator.host, signal, progress: tell });
      const file = `${name === word ? name : `${name}-${word}`}.md`;
      const report = renderEvidence(part.title, commandOf(name, word, counts), rows, new Date());
      tellEvidence(report, rows, isStopped(signal) ? null : join(out ?? EVIDENCE, file));
    }
  } finally {
    await emulator.stop();
  }
  return process.exitCode === 1 ? 1 : signal.aborted ? 130 : 0;
}

function partOf<C>(parts: LongRunParts<C>, word: string): readonly [string, LongRunParts<C>[string]] {
  const load = Object.hasOwn(parts, word) ? parts[word] : undefined;
  if (load !== undefined) return [word, load];
  throw new UsageError(`--only takes ${Object.keys(parts).join(', ')}, not ${JSON.stringify(word)}.`);
}

function commandOf(name: string, word: string, counts: Readonly<Record<string, number>>): string {
  const options = Object.entries(counts).map(([option, count]) => `--${option.replaceAll('_', '-')} ${String(count)}`);
  return [`npm run ${name} -- --only ${word}`, ...options].join(' ');
}

/** It may come at any time, also between two looks. */
function isStopped(signal: AbortSignal): boolean {
  return signal.aborted;
}

function tell(line: string): void {
  console.error(line);
}
