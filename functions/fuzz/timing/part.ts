import type { Row } from '../../bench/report.ts';
import type { BackendName } from '../model/phases.ts';
import type { FuzzPart, FuzzRun } from '../part.ts';
import { apart, comparePair, type PairTimes } from './compare.ts';
import { openStranger } from './pairs.ts';

const BAR = 0.1;
const ROUNDS = 600;
const WARM_UP_ROUNDS = 50;

/** What is another tenant's and what is nobody's are refused with the same bytes and in the same time. */
export const timingPart: FuzzPart = {
  title: 'What is foreign cannot be told from what is not there',
  run: async (run) => [...(await runBackend('sqlite', run)), ...(await runBackend('firestore', run))],
};

async function runBackend(backend: BackendName, { signal, progress }: FuzzRun): Promise<readonly Row[]> {
  const stranger = await openStranger(backend);
  try {
    const rows: Row[] = [];
    for (const pair of stranger.pairs) {
      if (signal.aborted) break;
      progress(`${backend}: ${pair.name}`);
      await comparePair(stranger, pair, WARM_UP_ROUNDS);
      rows.push(...rowsOf(backend, await comparePair(stranger, pair, ROUNDS)));
    }
    return rows;
  } finally {
    await stranger.close();
  }
}

function rowsOf(backend: BackendName, times: PairTimes): readonly Row[] {
  const { name, differs, foreign_ms, nobodys_ms } = times;
  const share = apart(times);
  const medians = `${foreign_ms.toFixed(2)} and ${nobodys_ms.toFixed(2)} ms`;
  return [
    { measure: `${backend}: ${name}: bytes`, value: differs ?? 'equal', bar: 'equal', holds: differs === null },
    {
      measure: `${backend}: ${name}: medians of ${ROUNDS}, apart`,
      value: `${(100 * share).toFixed(1)} % (${medians})`,
      bar: '< 10 %',
      holds: share < BAR,
    },
  ];
}
