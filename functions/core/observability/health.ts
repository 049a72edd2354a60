import { SECOND_MS, type Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Home } from '../stores/open.ts';
import type { Watch } from '../cutover/watch.ts';
import type { Dependencies } from '../resilience/dependencies.ts';
import { stackOf, type Logger } from './log.ts';
import type { Meter } from './meter.ts';

/** What an instance knows of itself and of its store; never a secret, a path or a host. */
export interface Health {
  readonly status: 'ok' | 'degraded';
  readonly build: string;
  /** Where each concern is. */
  readonly flags: Readonly<Record<string, string>>;
  readonly gate: { readonly state: string };
  readonly breakers: Readonly<Record<string, string>>;
  /** Of a box that may move. */
  readonly delivery?: {
    /** Buckets and rows that Firestore lacks. */
    readonly dirty: number;
    readonly oldest_age_ms: number | null;
    /** Documents written in the last minute that was looked at. */
    readonly per_minute: number;
    readonly failing_since_ms: number | null;
  };
}

export interface HealthParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly watch: Watch;
  readonly dependencies: Dependencies;
  readonly home: () => Promise<Home>;
  /** Counts what looking costs. */
  readonly meter: () => Meter;
  /** Since some moment in the past; goes on however the clock is set. */
  readonly elapsed_ms?: () => number;
}

/** However often health is asked for, a box's file is looked at, and Firestore is asked for a document, once in this time. */
const FILE_HOLDS_MS = SECOND_MS;
const STORE_HOLDS_MS = 10 * SECOND_MS;

/** Makes the report of one process, which never fails. */
export function healthReport(parts: HealthParts): () => Promise<Health> {
  const { clock, elapsed_ms = () => performance.now() } = parts;
  const box = holding(
    FILE_HOLDS_MS,
    () => clock.now_ms(),
    () => ofBox(parts),
  );
  const answers = holding(STORE_HOLDS_MS, elapsed_ms, () => isAnswered(parts));
  return async () => (await box()) ?? onFirestore(parts, await answers());
}

/** What `make` makes, and the same for this long. */
function holding<T>(holds_ms: number, now_ms: () => number, make: () => Promise<T>): () => Promise<T> {
  let made: { readonly at_ms: number; readonly value: Promise<T> } | undefined;
  return () => {
    const at_ms = now_ms();
    if (made === undefined || Math.abs(at_ms - made.at_ms) >= holds_ms) made = { at_ms, value: make() };
    return made.value;
  };
}

/** Null of a home on Firestore alone. */
async function ofBox(parts: HealthParts): Promise<Health | null> {
  const { config, logger } = parts;
  try {
    const { box } = await parts.home();
    if (box === null) return null;
    if (box.cloud === null) return alone(config, 'sqlite', 'not_asked');
    const { boxHealth } = await import('../cutover/box-health.ts');
    return await boxHealth(box.journal, parts);
  } catch (error) {
    logger.log('ERROR', 'the store cannot be opened', { stack: stackOf(error) });
    return { ...alone(config, 'unknown', 'unknown'), status: 'degraded' };
  }
}

/** Why not is told by the store's own lines. */
async function isAnswered({ home, meter }: HealthParts): Promise<boolean> {
  try {
    await (await home()).probe(meter());
    return true;
  } catch {
    return false;
  }
}

/** The functions that answer dashboards are other processes, so health has to see for itself. */
function onFirestore({ config, dependencies }: HealthParts, answers: boolean): Health {
  const states = { firestore: 'closed', ...dependencies.states() };
  const breakers = { ...states, firestore: answers || states.firestore !== 'closed' ? states.firestore : 'open' };
  const status = Object.values(breakers).every((state) => state === 'closed') ? 'ok' : 'degraded';
  return { ...alone(config, 'firestore', 'open'), status, breakers };
}

function alone({ build }: Config, store: string, gate: string): Health {
  const flags = { telemetry: store, audit: store, auth: store };
  return { status: 'ok', build, flags, gate: { state: gate }, breakers: {} };
}
