/** npm run soak: what load does to the suite over time; writes a file of evidence for each part. */
import { SOAK_PARTS } from '../functions/soak/parts.ts';
import { runApart } from './lib/apart.ts';
import { parseOptions, wholeOption, type ExitCode } from './lib/cli.ts';
import { runParts } from './lib/long-run.ts';

const USAGE = {
  command: 'npm run soak --',
  summary:
    'Puts a box and one functions-framework instance under load: a flooding tenant, a storm of sign-ins, a long time.',
  options: {
    only: { type: 'string', hint: 'PARTS', help: `What to run (default ${Object.keys(SOAK_PARTS).join(',')})` },
    minutes: { type: 'string', default: '30', hint: 'N', help: 'How long memory is watched' },
    rate: { type: 'string', default: '100', hint: 'N', help: 'Requests a second meanwhile, on each' },
    out: { type: 'string', hint: 'FOLDER', help: 'Where to write (default docs/evidence)' },
  },
  notes: ['Ctrl-C ends it after what is under way: what was done until then is told, and written nowhere.'],
} as const;

async function main(args: readonly string[]): Promise<ExitCode> {
  const options = parseOptions(USAGE, args);
  if (options === null) return 0;
  const counts = {
    minutes: wholeOption('minutes', options.minutes, 1, 10_000),
    rate: wholeOption('rate', options.rate, 1, 10_000),
  };
  return runParts({ name: 'soak', parts: SOAK_PARTS, only: options.only, counts, out: options.out });
}

await runApart(main);
