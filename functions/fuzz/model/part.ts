import type { Row } from '../../bench/report.ts';
import type { FuzzPart, FuzzRun } from '../part.ts';
import { campaign, type Finding, type Outcome } from './campaign.ts';
import { PHASES, type BackendName, type FuzzPhase } from './phases.ts';

/** SQLite answers at once and keeps the thread; of Firestore's answers several are waited for together. */
const WORLDS: Readonly<Record<BackendName, number>> = { sqlite: 2, firestore: 4 };
const REFUSALS_PER_DUMP = 100;
/** Each phase has operations of its own: far more than it has runs. */
const SEEDS_APART = 1_000_000;

/** Tenants, roles, devices, keys and sessions against a model, over HTTP. */
export const modelPart: FuzzPart = {
  title: 'Isolation against a model',
  run: async (run) => {
    const rows: Row[] = [];
    for (const backend of ['sqlite', 'firestore'] as const) rows.push(...(await runBackend(backend, run)));
    return rows;
  },
};

async function runBackend(backend: BackendName, run: FuzzRun): Promise<readonly Row[]> {
  const phases = PHASES[backend];
  const share = Math.ceil(run.operations / phases.length);
  const outcomes: (readonly [FuzzPhase, Outcome])[] = [];
  const started_ms = performance.now();
  for (const [index, phase] of phases.entries()) {
    if (run.signal.aborted) break;
    const seed = run.seed + index * SEEDS_APART;
    outcomes.push([phase, await runPhase(phase, share, WORLDS[backend], { ...run, seed })]);
  }
  const seconds = (performance.now() - started_ms) / 1_000;
  return [...verdictRows(backend, run.operations, outcomes, seconds), ...tallyRows(backend, outcomes)];
}

function runPhase(phase: FuzzPhase, operations: number, worlds: number, run: FuzzRun): Promise<Outcome> {
  let told_ms = -Infinity;
  const progress = (done: number): void => {
    if (performance.now() - told_ms < 5_000) return;
    told_ms = performance.now();
    run.progress(`${phase}: ${done.toLocaleString('en')} of ${operations.toLocaleString('en')} operations`);
  };
  const { seed, signal } = run;
  return campaign({ phase, operations, seed, signal, worlds, progress, refusals_per_dump: REFUSALS_PER_DUMP });
}

type Outcomes = readonly (readonly [FuzzPhase, Outcome])[];

function verdictRows(backend: BackendName, asked: number, outcomes: Outcomes, seconds: number): readonly Row[] {
  const done = sum(outcomes, 'operations');
  const findings = outcomes.flatMap(([, { finding }]) => (finding === null ? [] : [finding]));
  const leaks = findings.filter(({ leak }) => leak).length;
  const count = (value: number): string => value.toLocaleString('en');
  return [
    { measure: `${backend}: operations`, value: count(done), bar: `>= ${count(asked)}`, holds: done >= asked },
    { measure: `${backend}: leaks`, value: count(leaks), bar: '0', holds: leaks === 0 },
    { measure: `${backend}: differences`, value: count(findings.length), bar: '0', holds: findings.length === 0 },
    ...findings.map((finding) => ({ measure: `${backend}: what differs`, value: told(finding) })),
    { measure: `${backend}: requests`, value: count(sum(outcomes, 'requests')) },
    { measure: `${backend}: of them refused`, value: count(sum(outcomes, 'refusals')) },
    { measure: `${backend}: refusals with both stores read before and after`, value: count(sum(outcomes, 'dumps')) },
    { measure: `${backend}: operations a second`, value: (done / seconds).toFixed(0) },
    ...outcomes.map(([phase, { tally }]) => ({
      measure: `${backend}: operations in the phase "${phase}"`,
      value: count(tally.count('operations')),
    })),
  ];
}

function told({ message, seed, operations }: Finding): string {
  return `seed ${seed}: ${message}; after ${JSON.stringify(operations)}`.replaceAll('|', '\\|');
}

function tallyRows(backend: BackendName, outcomes: Outcomes): readonly Row[] {
  const groups = ['kind ', 'trick ', 'answer '] as const;
  return groups.map((prefix) => {
    const names = new Set(outcomes.flatMap(([, { tally }]) => tally.under(prefix).map(([name]) => name)));
    const counts = [...names].map((name) => [name, sum(outcomes, `${prefix}${name}`)] as const);
    const value = counts
      .sort(([, a], [, b]) => b - a)
      .map(([name, count]) => `${name.trim()} ${count.toLocaleString('en')}`)
      .join(', ');
    return { measure: `${backend}: ${prefix.trim()}s`, value };
  });
}

function sum(outcomes: Outcomes, name: string): number {
  return outcomes.reduce((total, [, { tally }]) => total + tally.count(name), 0);
}
