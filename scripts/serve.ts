/** `npm run serve`: the whole suite in one process, on an SQLite file or on Firestore. */
import { SetupError } from '@bas/core/errors';
import { allStores } from '@bas/core/admin/access';
import { DEFAULT_RATE, isMoving } from '@bas/core/cutover/deliver';
import { seedDemo } from '@bas/core/demo/seed';
import type { Demo } from '@bas/core/demo/file';
import { simulateDevices } from '@bas/core/demo/simulation';
import { startBox, type Box } from '@bas/core/serve/box';
import { logDeath, logWarnings } from '@bas/core/observability/process-log';
import { loggerTo, streamSink } from '@bas/core/serve/log';
import { startShipping } from '@bas/core/serve/start-shipping';
import type { Tls } from '@bas/core/serve/server';
import { CONCERNS } from '@bas/core/model/flags';
import { createSuite, type Suite } from '@bas/core/suite';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { doors } from '../functions/src/doors.ts';
import { schedules } from '../functions/src/schedules.ts';
import { demoGuide } from './lib/demo-guide.ts';
import { parseOptions, runCommand, UsageError, wholeOption, type ExitCode, type Values } from './lib/cli.ts';
import { homeConfig, serveFolder } from './lib/home.ts';
import { pageDir } from './lib/paths.ts';
import { ensurePage } from './lib/setup.ts';
import { addressElsewhere, isLoopback, warnOfDemo, warnOfPlainText } from './lib/reach.ts';
import { stopSignal } from './lib/stop-signal.ts';

const usage = {
  command: 'npm run serve --',
  summary: 'Serves every function, the page and the schedules in one process.',
  options: {
    port: { type: 'string', default: '8090', hint: 'PORT', help: 'Port to listen on; 0 for any free one' },
    host: { type: 'string', default: '127.0.0.1', hint: 'HOST', help: 'Address to listen on; 0.0.0.0 for all' },
    data: { type: 'string', hint: 'DIR', help: 'Folder of the data (default data; data/demo with --demo)' },
    'tls-cert': { type: 'string', hint: 'FILE', help: 'Certificate chain (PEM); serves HTTPS together with --tls-key' },
    'tls-key': { type: 'string', hint: 'FILE', help: 'Private key of the certificate (PEM)' },
    demo: {
      type: 'boolean',
      default: false,
      help: 'Make two tenants to try things with; keys and passwords are in DIR/demo.json',
    },
    'no-simulation': {
      type: 'boolean',
      default: false,
      help: "Leave the demo's devices quiet; else they come with a week of points, and post more",
    },
    rate: {
      type: 'string',
      default: String(DEFAULT_RATE),
      hint: 'N',
      help: 'While moving to Firestore: document writes per minute and device; 0 is unlimited until reads have moved',
    },
    'log-requests': { type: 'boolean', default: false, help: 'Log every request, not only what went wrong' },
    'ship-logs': { type: 'boolean', default: false, help: 'Send the log, every request in it, to Cloud Logging too' },
    json: { type: 'boolean', default: false, help: 'Print the URL as JSON' },
  },
  notes: [
    'Data is in DIR/bas.sqlite. With USE_FIRESTORE_TELEMETRY, USE_FIRESTORE_AUDIT and USE_FIRESTORE_AUTH set to 1 it is in',
    'Firestore: name the project in GCP_PROJECT_ID, and FIRESTORE_EMULATOR_HOST for the emulator.',
    'LOG_DEBUG_PERCENT adds details of some requests to the log of --log-requests and of --ship-logs.',
    'Without --demo, begin with: npm run admin -- --help',
  ],
} as const;

/** A store that is away may hold up what a device is posting. */
const SIMULATED_GRACE_MS = 2_000;

type ServeOptions = Values<typeof usage.options>;

async function main(args: readonly string[]): Promise<ExitCode> {
  const options = parseOptions(usage, args);
  if (options === null) return 0;
  const port = wholeOption('port', options.port, 0, 65_535);
  const rate = wholeOption('rate', options.rate, 0, 100_000);
  const tls = readTls(options);
  const folder = serveFolder(options.data, options.demo);
  const demoFile = join(folder, 'demo.json');
  const config = homeConfig(folder);
  const local = streamSink(process.stderr, options['log-requests'] ? 'DEBUG' : 'WARNING');
  const shipper = startShipping(config, local, options['ship-logs']);
  const logger = loggerTo(shipper === null ? [local] : [local, shipper]);
  logWarnings(logger);
  logDeath(logger, async () => shipper?.stop());
  if (!isLoopback(options.host)) {
    if (tls === undefined) warnOfPlainText(logger, options.host);
    if (options.demo) warnOfDemo(logger, demoFile);
  }
  await ensurePage();
  const suite = createSuite(config, { logger });
  const box = await startBox(suite, { doors, schedules, hosting: pageDir, host: options.host, port, tls, rate });
  const stopping = stopSignal(1);
  const simulated: Promise<void>[] = [];
  const stopped = stopOnSignal(box, stopping, simulated);
  const demo = options.demo ? await seedOrStop(suite, box, demoFile, stopping) : null;
  if (!isStopping(stopping)) {
    if (demo !== null && !options['no-simulation']) simulated.push(simulate(suite, demo, stopping));
    tellReady(options, box, await placeOf(suite), demo === null ? null : { demo, file: demoFile });
    // A store that is away, or closing already, is told of elsewhere.
    if (demo === null) await tellWhatIsMissing(suite).catch(() => undefined);
  }
  const code = await stopped;
  await shipper?.stop();
  if (!options.json) console.log('Stopped.');
  return code;
}

/** The data file may be fine and the demo still not be possible: then nothing is left running. Null when Ctrl-C came first. */
async function seedOrStop(suite: Suite, box: Box, file: string, stopping: AbortSignal): Promise<Demo | null> {
  try {
    return await seedDemo(suite, { base_url: box.url, file });
  } catch (error) {
    if (stopping.aborted) return null;
    await box.stop();
    throw error;
  }
}

function isStopping({ aborted }: AbortSignal): boolean {
  return aborted;
}

async function simulate(suite: Suite, demo: Demo, stopping: AbortSignal): Promise<void> {
  const { default: door } = await doors.ingestTelemetry();
  await simulateDevices(suite, { demo, door, stopping });
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

/** The first signal lets requests finish, those of `simulated` devices too; a second one does not wait. */
function stopOnSignal(box: Box, stopping: AbortSignal, simulated: readonly Promise<void>[]): Promise<ExitCode> {
  const stop = async (): Promise<ExitCode> => {
    await Promise.race([Promise.all(simulated), delay(SIMULATED_GRACE_MS, null, { ref: false })]);
    await box.stop();
    return 0;
  };
  return new Promise((resolve, reject) => {
    stopping.addEventListener('abort', () => void stop().then(resolve, reject));
  });
}

interface ReadyDemo {
  readonly demo: Demo;
  readonly file: string;
}

interface Place {
  readonly store: string;
  /** Where each concern is read, in words; null while the box is not moving. */
  readonly moving: string | null;
}

/** The flags of the data file win over the environment, so the store is asked, not the configuration. */
async function placeOf(suite: Suite): Promise<Place> {
  const [{ home }, { box }] = [suite.config, await suite.home()];
  const target = home.kind === 'sqlite' ? home.target : home;
  const project = `Firestore project ${target?.project_id ?? ''}`;
  if (box === null || home.file === undefined) return { store: project, moving: null };
  const flags = box.journal.flags();
  if (flags.finalized) return { store: project, moving: null };
  const phases = CONCERNS.map((concern) => `${concern} ${flags[concern]}`).join(', ');
  return { store: home.file, moving: isMoving(flags) ? `Moving to ${project}: ${phases}` : null };
}

function tellReady(options: ServeOptions, box: Box, { store, moving }: Place, ready: ReadyDemo | null): void {
  if (options.json) {
    console.log(JSON.stringify({ url: box.url, store, demo: ready?.file ?? null }));
    return;
  }
  console.log(`Listening on ${box.url}`);
  const elsewhere = addressElsewhere(options.host, box.url);
  if (elsewhere !== null) console.log(`For other machines: ${elsewhere}`);
  console.log(`Data in ${store}${ready === null ? '' : `; keys and passwords of the demo in ${ready.file}`}`);
  if (moving !== null) console.log(moving);
  if (ready !== null) console.log(`\n${demoGuide(ready.demo, box.url)}\n\nCtrl-C stops it.`);
}

/** A store with nobody in it answers everything with a refusal, which would be hard to understand. */
async function tellWhatIsMissing(suite: Suite): Promise<void> {
  const { tenants } = await allStores(suite);
  if ((await tenants.list({ limit: 1 })).length > 0) return;
  suite.logger.log('WARNING', 'No tenant yet: npm run admin -- create-tenant --help');
}

await runCommand(main);
