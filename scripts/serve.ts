/** `npm run serve`: the whole suite in one process, on an SQLite file or on Firestore. */
import { SetupError } from '@bas/core/errors';
import { seedDemo } from '@bas/core/demo/seed';
import { startBox, type Box } from '@bas/core/serve/box';
import { streamLogger } from '@bas/core/serve/log';
import type { Tls } from '@bas/core/serve/server';
import { createSuite, type Suite } from '@bas/core/suite';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { doors } from '../functions/src/doors.ts';
import { schedules } from '../functions/src/schedules.ts';
import { parseOptions, runCommand, UsageError, wholeOption, type ExitCode, type Values } from './lib/cli.ts';
import { dataFolder, dataOption, homeConfig } from './lib/home.ts';
import { rootDir } from './lib/paths.ts';

const usage = {
  command: 'npm run serve --',
  summary: 'Serves every function, the page and the schedules in one process.',
  options: {
    port: { type: 'string', default: '8090', hint: 'PORT', help: 'Port to listen on; 0 for any free one' },
    host: { type: 'string', default: '127.0.0.1', hint: 'HOST', help: 'Address to listen on; 0.0.0.0 for all' },
    data: dataOption,
    'tls-cert': { type: 'string', hint: 'FILE', help: 'Certificate chain (PEM); serves HTTPS together with --tls-key' },
    'tls-key': { type: 'string', hint: 'FILE', help: 'Private key of the certificate (PEM)' },
    demo: { type: 'boolean', default: false, help: 'Make two tenants to try things with; see DIR/demo.json' },
    'log-requests': { type: 'boolean', default: false, help: 'Log every request, not only what went wrong' },
    json: { type: 'boolean', default: false, help: 'Print the URL as JSON' },
  },
  notes: [
    'Data is in DIR/bas.sqlite. With USE_FIRESTORE_TELEMETRY, USE_FIRESTORE_AUDIT and USE_FIRESTORE_AUTH set to 1 it is in',
    'Firestore: name the project in GCP_PROJECT_ID, and FIRESTORE_EMULATOR_HOST for the emulator.',
    'Without --demo, begin with: npm run admin -- --help',
  ],
} as const;

type ServeOptions = Values<typeof usage.options>;

async function main(args: readonly string[]): Promise<ExitCode> {
  const options = parseOptions(usage, args);
  if (options === null) return 0;
  const port = wholeOption('port', options.port, 0, 65_535);
  const tls = readTls(options);
  warnOfPlainText(options.host, tls);
  const folder = dataFolder(options.data);
  const logger = streamLogger(process.stderr, options['log-requests'] ? 'INFO' : 'WARNING');
  const suite = createSuite(homeConfig(folder), { logger });
  const hosting = join(rootDir, 'hosting');
  const box = await startBox(suite, { doors, schedules, hosting, host: options.host, port, tls });
  const stopped = stopOnSignal(box);
  if (options.demo) await seedOrStop(suite, box, join(folder, 'demo.json'));
  tellReady(options, box, suite, folder);
  return stopped;
}

/** The data file may be fine and the demo still not be possible: then nothing is left running. */
async function seedOrStop(suite: Suite, box: Box, file: string): Promise<void> {
  try {
    await seedDemo(suite, { base_url: box.url, file });
  } catch (error) {
    await box.stop();
    throw error;
  }
}

function readTls(options: ServeOptions): Tls | undefined {
  const { 'tls-cert': cert, 'tls-key': key } = options;
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined)
    throw new UsageError('--tls-cert and --tls-key belong together: give both.');
  return { cert: readPem('tls-cert', cert), key: readPem('tls-key', key) };
}

function readPem(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new SetupError(`--${option}: ${file} cannot be read: name a PEM file.`, { cause: error });
  }
}

function warnOfPlainText(host: string, tls: Tls | undefined): void {
  if (tls !== undefined || /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host)) return;
  console.error(
    `Warning: ${host} can be reached from other machines, and passwords and keys travel as plain text there.`,
  );
  console.error('Give --tls-cert and --tls-key, or put a proxy with TLS in front.');
}

/** The first signal lets requests finish; a second one does not wait. */
function stopOnSignal(box: Box): Promise<ExitCode> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      box.stop().then(() => resolve(0), reject);
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        stop();
      });
    }
  });
}

function tellReady(options: ServeOptions, box: Box, suite: Suite, folder: string): void {
  const { home } = suite.config;
  const store = home.kind === 'sqlite' ? home.file : `Firestore project ${home.project_id}`;
  const demo = options.demo ? join(folder, 'demo.json') : null;
  if (options.json) {
    console.log(JSON.stringify({ url: box.url, store, demo }));
    return;
  }
  console.log(`Listening on ${box.url}`);
  console.log(`Data in ${store}${demo === null ? '' : `; sign-ins and device keys of the demo in ${demo}`}`);
}

await runCommand(main);
