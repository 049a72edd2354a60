/** The guard of a home on Firestore alone: there is nothing to roll back, so it tells what would have been. */
import { SetupError } from '../errors.ts';
import type { Monitoring } from '../observability/cloud-monitoring.ts';
import type { Suite } from '../suite.ts';
import { cloudMinutes } from './cloud-minutes.ts';
import { firedTriggers, TRIGGER_LOOKBACK_MS, type FiredTrigger } from './triggers.ts';

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
  const now_ms = clock.now_ms();
  try {
    const minutes = await readMinutes(open, now_ms);
    const told = new Set(own.map(({ trigger }) => trigger));
    const others = firedTriggers(minutes, now_ms).filter(({ trigger }) => !told.has(trigger));
    for (const { trigger, saw } of others) logger.log('ERROR', `rollback trigger ${trigger}: ${saw}`, { trigger });
    return { fired: [...own, ...others], unread: null };
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    logger.log('WARNING', `judged by this instance's own counters alone: ${error.message}`);
    return { fired: own, unread: error.message };
  }
}

async function readMinutes(open: () => Promise<Monitoring>, now_ms: number) {
  const monitoring = await open();
  try {
    return await cloudMinutes(monitoring, now_ms - TRIGGER_LOOKBACK_MS, now_ms);
  } finally {
    await monitoring.close();
  }
}
