import { SetupError } from '@bas/core/errors';
import { LATENCY_BOUNDS_MS } from '@bas/core/observability/minute-counters';
import { addServed, NOTHING_SERVED } from '@bas/core/observability/service-counts';
import { openServiceHistory } from '@bas/core/stores/open';
import { dataFolder, existingHome } from '../home.ts';
import { stepsOf, type Source } from './source.ts';

/** What the processes of a box have counted into its file. */
export async function openLocal(data: string): Promise<Source> {
  const { home } = existingHome(dataFolder(data));
  if (home.file === undefined) {
    throw new SetupError('No data file is named, so nothing was counted here: ask Cloud Monitoring with --project.');
  }
  const opened = await openServiceHistory(home.file);
  return {
    name: home.file,
    close: () => opened.close(),
    measure: async (stretch) => {
      const { from_ms, step_ms: span_ms } = stretch;
      const spans = await opened.history.since(from_ms);
      return stepsOf(stretch).map((step_from_ms) => {
        const inside = spans.filter(({ start_ms }) => start_ms >= step_from_ms && start_ms < step_from_ms + span_ms);
        const { last_hundred, ...counts } = inside.reduce(addServed, NOTHING_SERVED);
        return { ...counts, span_ms, latencies: { bounds: LATENCY_BOUNDS_MS, counts: last_hundred } };
      });
    },
  };
}
