/** npm run licences: writes docs/licences.md from the lock files. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { optionsOrExit } from './lib/cli.ts';
import { renderLicences, shippedPackages } from './lib/licences.ts';
import { rootDir } from './lib/paths.ts';

optionsOrExit({
  command: 'npm run licences --',
  summary: 'Writes docs/licences.md: every package that is deployed or sent to browsers, with its licence.',
  options: {},
});
const shipped = shippedPackages();
writeFileSync(join(rootDir, 'docs', 'licences.md'), renderLicences(shipped));
console.log(`docs/licences.md lists ${String(shipped.length)} packages.`);
