/** The guard of a home on Firestore alone: there is nothing to roll back, so it tells what would have been. */
import { MINUTE_MS } from '../clock.ts';
import { SetupError } from '../errors.ts';
import type { Monitoring } from '../observability/cloud-monitoring.ts';
import type { Suite } from '../suite.ts';
import { cloudMinutes } from './cloud-minutes.ts';
import { firedTriggers, TRIGGER_LOOKBACK_MS, type FiredTrigger } from './triggers.ts';

/**
 * A log metric may not be seen before it is this old: https://cloud.google.com/monitoring/api/v3/latency-n-retention. What
 * is younger is judged by a later run, for a minute that is half there would seem a good one.
 */
const SEEN_AFTER_MS = 4 * MINUTE_MS;

export interface CloudGuarded {
  readonly fired: readonly FiredTrigger[];
  /** Why what other instances saw is not in it; null when it is. */
  readonly unread: string | null;
}

/** Judges what all instances answered, and what this one counted by itself. Each trigger is told once. */
export async function guardCloud(
  { clock, logger, watch }: Pick<Suite, 'clock' | 'logger' | 'watch'>,
  open: () => Promise<Monitoring>,
): Promise<CloudGuarded> {
  const own = watch.alarm();
  const seen_ms = clock.now_ms() - SEEN_AFTER_MS;
  try {
    const minutes = await readMinutes(open, seen_ms);
    const told = new Set(own.map(({ trigger }) => trigger));
    const others = firedTriggers(minutes, seen_ms).filter(({ trigger }) => !told.has(trigger));
    watch.tell(others);
    return { fired: [...own, ...others], unread: null };
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    logger.log('WARNING', `judged by this instance's own counters alone: ${error.message}`);
    return { fired: own, unread: error.message };
  }
}

async function readMinutes(open: () => Promise<Monitoring>, until_ms: number) {
  const monitoring = await open();
  try {
    return await cloudMinutes(monitoring, until_ms - TRIGGER_LOOKBACK_MS, until_ms);
  } finally {
    await monitoring.close();
  }
}
