import { setTimeout as delay } from 'node:timers/promises';
import { startDelivery } from '../cutover/start-delivery.ts';
import { startPublishing } from '../cutover/start-publishing.ts';
import { startWatch } from '../cutover/start-watch.ts';
import type { Suite } from '../suite.ts';
import { handle, type Site } from './handler.ts';
import { startMetrics } from './start-metrics.ts';
import { readPages } from './pages.ts';
import { loadDoors, RouteTable, type DoorLoaders } from './routes.ts';
import { Scheduler, type Schedules } from './schedule.ts';
import { close, createServer, listen, type Tls } from './server.ts';

export interface BoxOptions {
  readonly doors: DoorLoaders;
  readonly schedules: Schedules;
  /** Folder of the page. */
  readonly hosting: string;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly tls?: Tls | undefined;
  /** Document writes per minute and device while the box moves to Firestore; 0 is unlimited. */
  readonly rate?: number | undefined;
}

/** A running one-box server: every function of the suite in one process. */
export interface Box {
  /** Where it listens, as a client on this machine can use it. */
  readonly url: string;
  /** Finishes what is being answered, then closes the stores. Safe to call twice. */
  stop(): Promise<void>;
}

/** How long a request may still take once the box was asked to stop. */
const GRACE_MS = 5_000;
/** How long what the box does by itself may: nothing is lost by it, and a store that is away would take longer. */
const OWN_GRACE_MS = 2_000;

/** Opens the store, loads every function and listens. Throws a `SetupError` that says what to do when it cannot. */
export async function startBox(suite: Suite, options: BoxOptions): Promise<Box> {
  const [doors, pages] = await Promise.all([loadDoors(options.doors), readPages(options.hosting), suite.backend()]);
  const site: Site = { routes: new RouteTable(doors), pages };
  const server = createServer((message, out) => void handle(suite, site, message, out), options.tls);
  const url = await listen(server, options.host, options.port, options.tls !== undefined);
  const scheduler = new Scheduler(suite, options.schedules);
  const [delivery, publishing, watch, metrics] = await Promise.all([
    startDelivery(suite, options.rate),
    startPublishing(suite),
    startWatch(suite),
    startMetrics(suite),
  ]);
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await Promise.all([
      close(server, GRACE_MS),
      Promise.race([
        Promise.all([scheduler.stop(), delivery?.stop(), publishing?.stop(), watch?.stop(), metrics?.stop()]),
        delay(OWN_GRACE_MS, null, { ref: false }),
      ]),
    ]);
    await suite.close();
  };
  return { url, stop: () => (stopping ??= stop()) };
}
