/** `npm run cost`: what Firestore charges a month for this design, and for one document per point. */
import { readFileSync, writeFileSync } from 'node:fs';
import { SetupError } from '@bas/core/errors';
import { runCommand, type ExitCode } from './lib/cli.ts';
import { parseCostOptions } from './lib/cost/assumptions.ts';
import { fileFault } from './lib/file-fault.ts';

async function main(args: readonly string[]): Promise<ExitCode> {
  const options = parseCostOptions(args);
  if (options === null) return 0;
  // Only now, because it loads the store's own code.
  const { costText, renewed, showsCommands } = await import('./lib/cost/command.ts');
  if (options.write === undefined) {
    console.log(costText(options));
    return 0;
  }
  const file = options.write;
  const text = plainly(file, () => readFileSync(file, 'utf8'));
  if (!showsCommands(text)) throw new SetupError(`${file} cannot be renewed: ${NOTHING_SHOWN}`);
  const fresh = renewed(text);
  plainly(file, () => writeFileSync(file, fresh));
  return 0;
}

const NOTHING_SHOWN = 'no <!-- npm run -s cost -- OPTIONS --> with <!-- end --> below it says where the figures go.';

function plainly<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new SetupError(`${file} cannot be renewed: ${fileFault(error)}.`, { cause: error });
  }
}

await runCommand(main);
