/** The emulators fire no schedules: this calls each scheduled function when it is due. */
import type { Suite } from '@bas/core/suite';
import { Scheduler, type Schedule } from '@bas/core/serve/schedule';
import { schedules } from '../../functions/src/schedules.ts';
import type { FirebaseEmulators } from './firebase-emulators.ts';
import { demoProject } from './paths.ts';

const region = 'us-central1';

/** The emulator names a scheduled function by the number of times it was loaded. */
async function post(functionsUrl: string, name: string): Promise<void> {
  for (let load = 0; load < 50; load++) {
    const url = `${functionsUrl}/${demoProject}/${region}/${name}-${load}`;
    const response = await fetch(url, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
    if (response.ok) return;
    if (response.status !== 404) throw new Error(`${response.status} ${await response.text()}`);
  }
  throw new Error('not found in the emulator');
}

function callAndTell(functionsUrl: string, name: string): void {
  post(functionsUrl, name).catch((error: unknown) =>
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`),
  );
}

/**
 * Calls every scheduled function on its schedule until the returned function is called. Without the Pub/Sub emulator
 * the CLI leaves scheduled functions out; their work is then done in this process, on the same data.
 */
export function runSchedules(emulators: FirebaseEmulators, suite: Suite): () => Promise<void> {
  if (!emulators.running.includes('pubsub')) {
    const scheduler = new Scheduler(suite, schedules);
    return () => scheduler.stop();
  }
  const timers = Object.entries<Schedule>(schedules).map(([name, { every_ms }]) => {
    callAndTell(emulators.functionsUrl, name);
    return setInterval(callAndTell, every_ms, emulators.functionsUrl, name);
  });
  return () => {
    for (const timer of timers) clearInterval(timer);
    return Promise.resolve();
  };
}
