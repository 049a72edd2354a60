/** `npm run cost`: what Firestore charges a month for this design, and for one document per point. */
import { readFileSync, writeFileSync } from 'node:fs';
import { SetupError } from '@bas/core/errors';
import { runCommand, type ExitCode } from './lib/cli.ts';
import { parseCostOptions } from './lib/cost/assumptions.ts';

async function main(args: readonly string[]): Promise<ExitCode> {
  const options = parseCostOptions(args);
  if (options === null) return 0;
  // Only now, because it loads the store's own code.
  const { costText, renewed } = await import('./lib/cost/command.ts');
  if (options.write === undefined) console.log(costText(options));
  else rewrite(options.write, renewed);
  return 0;
}

function rewrite(file: string, change: (text: string) => string): void {
  try {
    writeFileSync(file, change(readFileSync(file, 'utf8')));
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new SetupError(`${file} cannot be renewed: ${error.message}.`, { cause: error });
  }
}

await runCommand(main);
