/** Formatter, linter, types, and what nobody needs. */
import type { Totals } from './mocha-reporter.ts';
import { rootDir } from './paths.ts';
import { run } from './run.ts';

/** Runs them side by side: a line for each, and the output of what fails. */
export async function runChecks(): Promise<Totals> {
  const totals: Totals = { passed: 0, failed: 0 };
  const check = async (name: string): Promise<void> => {
    const { code, output } = await run('npm', ['run', '--silent', name], { cwd: rootDir, quiet: true });
    console.log(code === 0 ? `  ✔ ${name}` : `  ✖ ${name}\n${output}`);
    totals[code === 0 ? 'passed' : 'failed']++;
  };
  await Promise.all(['format:check', 'lint', 'typecheck', 'unused'].map(check));
  return totals;
}
