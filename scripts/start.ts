/** `npm start`: the whole suite under the Firebase emulators, with the demo data on SQLite. Ctrl-C ends all of it. */
import { readConfig } from '@bas/core/config';
import type { Demo } from '@bas/core/demo/file';
import { seedDemo } from '@bas/core/demo/seed';
import { simulateDevices } from '@bas/core/demo/simulation';
import { streamLogger } from '@bas/core/serve/log';
import { createSuite } from '@bas/core/suite';
import { join } from 'node:path';
import { doors } from '../functions/src/doors.ts';
import { optionsOrExit } from './lib/cli.ts';
import { demoGuide } from './lib/demo-guide.ts';
import { runSchedules } from './lib/emulated-schedules.ts';
import { planEmulators } from './lib/emulators.ts';
import { startFirebase, type FirebaseEmulators } from './lib/firebase-emulators.ts';
import { checkPorts } from './lib/firebase-ports.ts';
import { cacheDir, demoDataDir, sqliteFileIn } from './lib/paths.ts';
import { prepare } from './lib/setup.ts';

const options = optionsOrExit({
  command: 'npm start --',
  summary: 'Runs the Firebase emulators with a demo on SQLite in data/demo, until Ctrl-C.',
  options: {
    'no-simulation': {
      type: 'boolean',
      default: false,
      help: "Leave the demo's devices quiet; else they come with a week of points, and post more",
    },
  },
  notes: [
    'Functions and Hosting always; Firestore and Pub/Sub where a Java and their emulators are found (npm run doctor).',
    'Ports are those of firebase.json. Without Firebase: npm run serve -- --demo',
  ],
});

const logFile = join(cacheDir, 'start.log');
process.env['SQLITE_FILE'] = sqliteFileIn(demoDataDir);
const suite = createSuite(readConfig(), { logger: streamLogger(process.stderr, 'WARNING') });

let emulators: FirebaseEmulators | undefined;
let simulated: Promise<void> | undefined;
const simulation = new AbortController();
let stopSchedules: (() => Promise<void>) | undefined;
let stopping: Promise<void> | undefined;

function shutDown(): Promise<void> {
  simulation.abort();
  stopping ??= Promise.all([simulated, stopSchedules?.(), emulators?.stop()]).then(() => suite.close());
  return stopping;
}

/** In this process, on the data that the emulated functions use. */
async function simulate(demo: Demo): Promise<void> {
  const { default: door } = await doors.ingestTelemetry();
  await simulateDevices(suite, { demo, door, stopping: simulation.signal });
}

function report(running: FirebaseEmulators, demo: Demo): void {
  console.log(`
Ready (${running.running.join(', ')}), data on SQLite in ${demoDataDir}

  ${running.hostingUrl}                       page and /v1
  ${running.functionsUrl}/demo-bas/us-central1/<function>   such as .../health
  log: ${logFile}

${demoGuide(demo, running.hostingUrl)}

Ctrl-C stops everything.`);
}

async function main(): Promise<void> {
  await checkPorts(planEmulators().only);
  console.log('Setting up...');
  await prepare();
  const started = startFirebase(logFile);
  emulators = started.emulators;
  started.ready.catch(() => undefined); // awaited below, after seeding; a failure until then is not unhandled
  const file = join(demoDataDir, 'demo.json');
  const demo = await seedDemo(suite, { base_url: emulators.hostingUrl, file });
  if (!options['no-simulation']) simulated = simulate(demo);
  await started.ready;
  if (stopping) return;
  stopSchedules = runSchedules(emulators, suite);
  report(emulators, demo);
  emulators.child.once('exit', () => {
    if (stopping) return;
    console.error(`The emulators ended by themselves; see ${logFile}`);
    void shutDown().finally(() => process.exit(1));
  });
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    void shutDown()
      .then(() => console.log('Stopped.'))
      .finally(() => process.exit(0));
  });
}
await main().catch(async (error: unknown) => {
  const interrupted = stopping !== undefined;
  await shutDown();
  if (interrupted) return;
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
