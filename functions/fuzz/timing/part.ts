import type { Row } from '../../bench/report.ts';
import type { BackendName } from '../model/phases.ts';
import type { FuzzPart, FuzzRun } from '../part.ts';
import { apart, comparePair, type PairTimes } from './compare.ts';
import { openStranger, PAIR_NAMES } from './pairs.ts';

const BAR = 0.1;
const ROUNDS = 600;
const WARM_UP_ROUNDS = 50;

/** What is another tenant's and what is nobody's are refused with the same bytes and in the same time. */
export const timingPart: FuzzPart = {
  title: 'What is foreign cannot be told from what is not there',
  run: async (run) => [...(await runBackend('sqlite', run)), ...(await runBackend('firestore', run))],
};

/** Each pair by somebody who has just signed in: the clock goes on with every question, and a session lasts half a day. */
async function runBackend(backend: BackendName, { signal, progress }: FuzzRun): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const name of PAIR_NAMES) {
    if (signal.aborted) break;
    progress(`${backend}: ${name}`);
    const stranger = await openStranger(backend);
    try {
      const pair = stranger.pairs[name];
      await comparePair(stranger, pair, WARM_UP_ROUNDS);
      rows.push(...rowsOf(`${backend}: ${name}`, await comparePair(stranger, pair, ROUNDS)));
    } finally {
      await stranger.close();
    }
  }
  return rows;
}

function rowsOf(name: string, times: PairTimes): readonly Row[] {
  const { differs, foreign_ms, nobodys_ms } = times;
  const share = apart(times);
  const medians = `${foreign_ms.toFixed(2)} and ${nobodys_ms.toFixed(2)} ms`;
  return [
    { measure: `${name}: bytes`, value: differs ?? 'equal', bar: 'equal', holds: differs === null },
    {
      measure: `${name}: medians of ${ROUNDS}, apart`,
      value: `${(100 * share).toFixed(1)} % (${medians})`,
      bar: '< 10 %',
      holds: share < BAR,
    },
  ];
}
