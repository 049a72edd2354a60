import { SECOND_MS } from '../clock.ts';
import { every, type Repeated } from '../every.ts';
import { stackOf } from '../observability/log.ts';
import type { Suite } from '../suite.ts';

/** So much of what was counted is lost at most when a process is killed. */
const EVERY_MS = 5 * SECOND_MS;

/** Keeps handing what this process answered to the box's file, until it is stopped; null where there is no file. */
export async function startMetrics(suite: Suite): Promise<Repeated | null> {
  const { box } = await suite.home();
  if (box === null) return null;
  const { service, watch, logger } = suite;
  const keep = async (): Promise<void> => {
    try {
      await service.keep((minutes) => box.history.save(watch.process, minutes));
    } catch (error) {
      logger.log('WARNING', 'what was answered could not be counted in the file', { stack: stackOf(error) });
    }
  };
  return every(EVERY_MS, keep);
}
