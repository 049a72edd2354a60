/** npm run fuzz: what attackers try, made up by the thousand; writes a file of evidence for each part. */
import { FUZZ_PARTS } from '../functions/fuzz/parts.ts';
import { runApart } from './lib/apart.ts';
import { parseOptions, wholeOption, type ExitCode } from './lib/cli.ts';
import { runParts } from './lib/long-run.ts';

const USAGE = {
  command: 'npm run fuzz --',
  summary: 'Attacks the suite with made-up operations and requests, and compares what it does with what it must do.',
  options: {
    only: { type: 'string', hint: 'PARTS', help: `What to run (default ${Object.keys(FUZZ_PARTS).join(',')})` },
    seed: { type: 'string', default: '1', hint: 'N', help: 'Another seed, another run; the same one repeats it' },
    operations: { type: 'string', default: '100000', hint: 'N', help: 'Operations against the model, on each backend' },
    requests: { type: 'string', default: '200000', hint: 'N', help: 'Fuzzed requests' },
    out: { type: 'string', hint: 'FOLDER', help: 'Where to write (default docs/evidence)' },
  },
  notes: ['Ctrl-C ends it after what is under way: what was done until then is told, and written nowhere.'],
} as const;

async function main(args: readonly string[]): Promise<ExitCode> {
  const options = parseOptions(USAGE, args);
  if (options === null) return 0;
  const counts = {
    seed: wholeOption('seed', options.seed, 0, 2 ** 31 - 1),
    operations: wholeOption('operations', options.operations, 1, 100_000_000),
    requests: wholeOption('requests', options.requests, 1, 100_000_000),
  };
  return runParts({ name: 'fuzz', parts: FUZZ_PARTS, only: options.only, counts, out: options.out });
}

await runApart(main);
