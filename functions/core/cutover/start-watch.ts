import { SECOND_MS } from '../clock.ts';
import { every, type Repeated } from '../every.ts';
import { stackOf } from '../observability/log.ts';
import { loopFacts } from '../observability/outcome.ts';
import type { Suite } from '../suite.ts';

const EVERY_MS = 5 * SECOND_MS;

/** Keeps handing what this process counts to the box's file, until it is stopped; null where nothing can move. */
export async function startWatch(suite: Suite): Promise<Repeated | null> {
  const { box } = await suite.home();
  if (box === null || box.cloud === null) return null;
  const { journal } = box;
  const keep = async (): Promise<void> => {
    if (!journal.isSet() || journal.flags().finalized) return;
    try {
      await suite.watch.keep(journal);
    } catch (error) {
      suite.logger.log('WARNING', 'counters could not be kept', {
        ...loopFacts('watch', 'failure'),
        stack: stackOf(error),
      });
    }
  };
  return every(EVERY_MS, keep);
}
