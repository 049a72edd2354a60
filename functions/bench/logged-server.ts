/**
 * The box with its log and its metering, or without both: what they cost. Arguments: the data file or nothing, `with` or `without`,
 * and the file that is told in the end how long the processor worked, in ms.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readConfig } from '@bas/core/config';
import { silentLogger } from '@bas/core/observability/log';
import { startBox } from '@bas/core/serve/box';
import { streamLogger } from '@bas/core/serve/log';
import { createSuite } from '@bas/core/suite';
import { doors } from '../src/doors.ts';

const [file = '', how, report = ''] = process.argv.slice(2);
const config = readConfig({ ...process.env, ...(file === '' ? {} : { SQLITE_FILE: file }) });
const told = how === 'with';
const suite = createSuite(config, { logger: told ? streamLogger(process.stderr, 'DEBUG') : silentLogger });
if (!told) suite.watch.answered = () => undefined;
const hosting = resolve(import.meta.dirname, '../../hosting');
const box = await startBox(suite, { doors, schedules: {}, hosting, host: '127.0.0.1', port: 0 });
process.stdout.write(`${box.url}\n`);
const before = process.cpuUsage();
process.once('SIGTERM', () => {
  const { user, system } = process.cpuUsage(before);
  writeFileSync(report, String((user + system) / 1_000));
  void box.stop().then(() => process.exit(0));
});
