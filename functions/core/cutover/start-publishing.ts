import { SECOND_MS } from '../clock.ts';
import { stackOf } from '../observability/log.ts';
import { loopFacts } from '../observability/outcome.ts';
import type { Suite } from '../suite.ts';
import { isPublished, publish } from './claim.ts';
import { openCloud } from './finalize.ts';

const PAUSE_MS = SECOND_MS;
const LONGEST_PAUSE_MS = 10 * SECOND_MS;

/** Keeps telling the cloud what it was not told of this box's moves, until it is stopped; null where nothing can move. */
export async function startPublishing(suite: Suite): Promise<{ stop(): Promise<void> } | null> {
  const { box } = await suite.home();
  if (box === null || box.cloud === null) return null;
  const { clock, ids, logger } = suite;
  const { journal, cloud } = box;
  const parts = { journal, clock, ids, mirror: cloud.mirror(suite.usage.meter('delivery')) };
  let [pause_ms, failing, stopped] = [PAUSE_MS, false, false];
  let running: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const tell = async (): Promise<void> => {
    if (await isPublished(journal)) return;
    await (journal.flags().finalized ? openCloud(parts) : publish(parts));
  };
  const attempt = async (): Promise<void> => {
    try {
      await tell();
      [pause_ms, failing] = [PAUSE_MS, false];
    } catch (error) {
      // Whoever stopped it may have closed the file under it.
      if (stopped) return;
      if (!failing)
        logger.log('WARNING', 'how far this box is could not be told', {
          ...loopFacts('publishing', 'failure'),
          stack: stackOf(error),
        });
      [pause_ms, failing] = [Math.min(LONGEST_PAUSE_MS, pause_ms * (1.5 + Math.random())), true];
    }
  };
  const plan = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      running = attempt().finally(plan);
    }, pause_ms).unref();
  };
  plan();
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      return running;
    },
  };
}
