/** `npm run fuzz -- --only requests`: bad input, and what it did. */
import type { Row } from '../../bench/report.ts';
import type { FuzzPart } from '../part.ts';
import { timeLimit, type LimitAnswer } from './limit.ts';
import { fuzzServers, type Attacked, type RequestsRun } from './run.ts';
import { slowClients } from './slow.ts';
import { startTarget } from './targets.ts';

const BAR_MS = 100;
/** Of what a row counts by kind. */
const MOST_TOLD = 12;

export const requestsPart: FuzzPart = { title: 'Bad input', run: fuzzRequests };

/** Attacks every kind of server; rows say what was sent, what was answered, and whether anything came of it. */
export async function fuzzRequests(run: RequestsRun): Promise<readonly Row[]> {
  const attacked = await fuzzServers(run);
  tellFaults(run, attacked);
  const own = run.signal.aborted ? [] : await ownRows(run);
  return [...faultRows(run, attacked), ...own, ...attacked.flatMap(countRows)];
}

async function ownRows({ emulator_host, progress }: RequestsRun): Promise<readonly Row[]> {
  const target = await startTarget('box', emulator_host);
  try {
    progress('bodies at the size limit');
    const limits = await timeLimit(target);
    progress('slow clients, for half a minute');
    const slow = await slowClients(target);
    const kept = slow.filter(({ cut_ms }) => cut_ms === null).length;
    const last_s = Math.round(Math.max(...slow.map(({ cut_ms }) => cut_ms ?? 0)) / 1_000);
    const value = `${String(kept)} of ${String(slow.length)} still connected; the last was cut off after ${String(last_s)} s`;
    return [...limitRows(limits), { measure: 'slow clients', value, bar: '0', holds: kept === 0 }];
  } finally {
    await target.stop();
  }
}

function limitRows(limits: readonly LimitAnswer[]): readonly Row[] {
  return [
    ['refused', limits.filter(({ status }) => status >= 400)] as const,
    ['stored', limits.filter(({ status }) => status < 400)] as const,
  ].flatMap(([what, of]) => {
    const [slowest] = [...of].sort((a, b) => b.took_ms - a.took_ms);
    if (slowest === undefined) return [];
    const { shape, took_ms } = slowest;
    const measure = `slowest body at the size limit that is ${what}, median of several, of ${String(of.length)} shapes`;
    const bar = what === 'refused' ? { bar: `<= ${String(BAR_MS)} ms`, holds: took_ms <= BAR_MS } : {};
    return [{ measure, value: `${took_ms.toFixed(1)} ms (${shape})`, ...bar }];
  });
}

function faultRows({ requests, signal }: RequestsRun, attacked: readonly Attacked[]): readonly Row[] {
  const faults = attacked.flatMap((one) => one.faults);
  const count = attacked.reduce((sum, one) => sum + one.count, 0);
  const zero = (measure: string, of: (fault: string) => boolean): Row => {
    const found = faults.filter(({ fault }) => of(fault)).length;
    return { measure, value: String(found), bar: '0', holds: found === 0 };
  };
  const is5xx = (fault: string): boolean => fault.startsWith('answered 5');
  const hung = (fault: string): boolean => fault === 'no answer in time';
  const stored = (fault: string): boolean => fault.includes('store has changed');
  const differs = (fault: string): boolean => fault.startsWith('the box says');
  return [
    {
      measure: 'requests',
      value: String(count),
      bar: String(requests),
      holds: count >= requests || signal.aborted,
    },
    zero('answers of 500 and above', is5xx),
    zero('no answer in 10 s', hung),
    zero('refused, and yet the store has changed', stored),
    zero('answered otherwise than the box does', differs),
    zero('other faults', (fault) => ![is5xx, hung, stored, differs].some((kind) => kind(fault))),
  ];
}

function countRows({ name, count, byRoute, byKind, byOutcome }: Attacked): readonly Row[] {
  const listed = (counts: ReadonlyMap<string, number>): string => {
    const told = [...counts].sort(([, a], [, b]) => b - a).map(([what, times]) => `${what} ${String(times)}`);
    const more = told.splice(MOST_TOLD);
    return [...told, ...(more.length > 0 ? [`${String(more.length)} more`] : [])].join(', ');
  };
  return [
    { measure: `${name}: requests`, value: String(count) },
    { measure: `${name}: by answer`, value: listed(byOutcome) },
    { measure: `${name}: by kind`, value: listed(byKind) },
    { measure: `${name}: by route`, value: listed(byRoute) },
  ];
}

/** What it takes to see a fault again: the seed and place, and the smallest request that shows it. */
function tellFaults({ seed, progress }: RequestsRun, attacked: readonly Attacked[]): void {
  for (const { name, faults } of attacked) {
    for (const { place, route, kind, fault, again } of faults) {
      if (again === '') continue;
      progress(`${name}, seed ${String(seed)}, place ${String(place)}: ${route}, ${kind}: ${fault}\n  ${again}`);
    }
  }
}
