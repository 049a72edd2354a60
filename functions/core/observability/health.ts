import { SECOND_MS, type Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Home } from '../stores/open.ts';
import type { Watch } from '../cutover/watch.ts';
import type { Dependencies } from '../resilience/dependencies.ts';
import { stackOf, type Logger } from './log.ts';

/** What an instance knows of itself without asking Firestore; never a secret, a path or a host. */
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
}

/** However often health is asked for, a box's file is looked at once in this time. */
const HOLDS_MS = SECOND_MS;

/** Makes the report of one process, which never fails. */
export function healthReport(parts: HealthParts): () => Promise<Health> {
  const { config, clock } = parts;
  const { home } = config;
  if (home.kind === 'firestore' && home.file === undefined) return () => Promise.resolve(onFirestore(parts));
  let known: { readonly at_ms: number; readonly health: Promise<Health> } | undefined;
  return () => {
    const now_ms = clock.now_ms();
    if (known === undefined || Math.abs(now_ms - known.at_ms) >= HOLDS_MS) {
      known = { at_ms: now_ms, health: ofHome(parts) };
    }
    return known.health;
  };
}

async function ofHome(parts: HealthParts): Promise<Health> {
  const { config, logger } = parts;
  try {
    const { box } = await parts.home();
    if (box === null) return onFirestore(parts);
    if (box.cloud === null) return alone(config, 'sqlite', 'not_asked');
    const { boxHealth } = await import('../cutover/box-health.ts');
    return await boxHealth(box.journal, parts);
  } catch (error) {
    logger.log('ERROR', 'the store cannot be opened', { stack: stackOf(error) });
    return { ...alone(config, 'unknown', 'unknown'), status: 'degraded' };
  }
}

function onFirestore({ config, dependencies }: HealthParts): Health {
  // Before the first question there is none yet.
  const breakers = { firestore: 'closed', ...dependencies.states() };
  const status = Object.values(breakers).every((state) => state === 'closed') ? 'ok' : 'degraded';
  return { ...alone(config, 'firestore', 'open'), status, breakers };
}

function alone({ build }: Config, store: string, gate: string): Health {
  const flags = { telemetry: store, audit: store, auth: store };
  return { status: 'ok', build, flags, gate: { state: gate }, breakers: {} };
}
