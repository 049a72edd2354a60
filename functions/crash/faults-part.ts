import type { Row } from '../bench/report.ts';
import { tryFaults, type KindResult } from './faults.ts';
import type { CrashPart } from './part.ts';
import { KINDS } from './requests.ts';

const LANES = 6;
const SHOWN = 10;

export const faults: CrashPart = {
  title: 'Firestore broken at every call of every kind of request',
  async run({ emulator_host, signal, progress }) {
    const kinds = Object.keys(KINDS);
    let done = 0;
    const onKind = ({ kind, trials, wrong }: KindResult): void => {
      progress(`${(done += 1)} of ${kinds.length} kinds: ${kind}, ${trials.length} faults, ${wrong.length} wrong`);
      for (const line of wrong) progress(`  ${line}`);
    };
    const wanted = () => true;
    const results = await tryFaults({ emulator_host, kinds, wanted, lanes: LANES, signal, onKind });
    return [...results.map(rowOf), ...totals(kinds, results)];
  },
};

function rowOf({ kind, calls, trials }: KindResult): Row {
  const counts = Map.groupBy(calls, (method) => method);
  const made = [...counts].map(([method, same]) => `${same.length} ${method}`).join(', ');
  return { measure: `faults: ${kind}`, value: `${trials.length} (${calls.length} calls: ${made})` };
}

function totals(kinds: readonly string[], results: readonly KindResult[]): Row[] {
  const wrong = results.flatMap((result) => result.wrong);
  const trials = results.flatMap((result) => result.trials);
  const statuses = [...new Set(trials.map(({ status }) => status))];
  return [
    ...statuses.map((status) => {
      const same = trials.filter((trial) => trial.status === status);
      return { measure: `faults: ${status}`, value: String(same.length) };
    }),
    {
      measure: 'kinds of requests',
      value: String(results.length),
      bar: `>= ${kinds.length}`,
      holds: results.length >= kinds.length,
    },
    { measure: 'faults', value: String(trials.length) },
    {
      measure: 'lost, doubled, half done, half shown, untold, unexplained or late',
      value: [String(wrong.length), ...wrong.slice(0, SHOWN)].join('; '),
      bar: '0',
      holds: wrong.length === 0,
    },
  ];
}
