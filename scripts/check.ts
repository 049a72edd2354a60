/** `npm run check`: what `npm test` looks at before it runs a test. */
import { runChecks } from './lib/checks.ts';
import { optionsOrExit } from './lib/cli.ts';

optionsOrExit({
  command: 'npm run check --',
  summary: 'Runs formatter and linter, and looks at types and at what is unused.',
  options: {},
});
const { failed } = await runChecks();
process.exitCode = failed === 0 ? 0 : 1;
