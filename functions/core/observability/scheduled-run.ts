import type { Suite } from '../suite.ts';
import { stackOf } from './error-text.ts';
import type { Meter } from './meter.ts';
import { tenths, type Outcome } from './outcome.ts';

/**
 * Does one scheduled run and writes its one line, in the shape of a request's. Whether it succeeded; one that fails by
 * being stopped is no news.
 */
export async function loggedRun(
  suite: Suite,
  name: string,
  work: (meter: Meter) => Promise<string>,
  stopping?: AbortSignal,
): Promise<boolean> {
  const started_ms = performance.now();
  suite.usage.writeIfDue();
  const meter = suite.usage.meter(name);
  const facts = (outcome: Outcome) => ({
    function: name,
    action: `${name}.run`,
    outcome,
    reads: meter.reads,
    writes: meter.writes,
    deletes: meter.deletes === 0 ? undefined : meter.deletes,
    latency_ms: tenths(performance.now() - started_ms),
    request_id: suite.ids.uuid(),
  });
  const context = { labels: { function: name, build: suite.config.build } };
  try {
    const did = await work(meter);
    suite.logger.log('INFO', did, facts('success'), context);
    return true;
  } catch (error) {
    if (stopping?.aborted === true) return false;
    const stack = stackOf(error);
    suite.logger.log('ERROR', 'schedule failed', { stack, code: 'internal', ...facts('failure') }, context);
    return false;
  }
}
