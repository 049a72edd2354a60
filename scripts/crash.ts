/** npm run crash: kills and faults by the hundred; writes a file of evidence for each part. */
import { CRASH_PARTS } from '../functions/crash/parts.ts';
import { runApart } from './lib/apart.ts';
import { parseOptions, wholeOption, type ExitCode } from './lib/cli.ts';
import { runParts } from './lib/long-run.ts';

const USAGE = {
  command: 'npm run crash --',
  summary: 'Kills boxes under load and breaks calls to Firestore, and looks whether anything was lost or doubled.',
  options: {
    only: { type: 'string', hint: 'PARTS', help: `What to run (default ${Object.keys(CRASH_PARTS).join(',')})` },
    seed: { type: 'string', default: '1', hint: 'N', help: 'Another seed, other moments' },
    cycles: { type: 'string', default: '200', hint: 'N', help: 'Kills of a box under load, by the part crash' },
    'moving-percent': {
      type: 'string',
      default: '25',
      hint: 'N',
      help: 'Of them, kills of a box that is moving to Firestore',
    },
    out: { type: 'string', hint: 'FOLDER', help: 'Where to write (default docs/evidence)' },
  },
  notes: ['Ctrl-C ends it after what is under way: what was done until then is told, and written nowhere.'],
} as const;

async function main(args: readonly string[]): Promise<ExitCode> {
  const options = parseOptions(USAGE, args);
  if (options === null) return 0;
  const counts = {
    seed: wholeOption('seed', options.seed, 0, 2 ** 31 - 1),
    cycles: wholeOption('cycles', options.cycles, 1, 100_000),
    moving_percent: wholeOption('moving-percent', options['moving-percent'], 0, 100),
  };
  return runParts({ name: 'crash', parts: CRASH_PARTS, only: options.only, counts, out: options.out });
}

await runApart(main);
