/** A run of the fuzzer of requests against every kind of server. */
import { Attack, type Fault } from './attack.ts';
import { differences } from './compare.ts';
import { makeRequest } from './make.ts';
import { startTarget, TARGETS, type TargetName } from './targets.ts';

export interface RequestsRun {
  readonly emulator_host: string;
  readonly seed: number;
  readonly requests: number;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** Most go where they are answered fastest; all three answer the same first ones. */
const SHARES: Readonly<Record<TargetName, number>> = { box: 0.8, firestore: 0.1, framework: 0.1 };
const SLICE = 5_000;

export interface Attacked {
  readonly name: TargetName;
  readonly count: number;
  readonly faults: readonly Fault[];
  readonly byRoute: ReadonlyMap<string, number>;
  readonly byKind: ReadonlyMap<string, number>;
  readonly byOutcome: ReadonlyMap<string, number>;
}

export async function fuzzServers(run: RequestsRun): Promise<readonly Attacked[]> {
  const done: Attack[] = [];
  for (const name of TARGETS) {
    const count = Math.max(1, Math.round(run.requests * SHARES[name]));
    const target = await startTarget(name, run.emulator_host);
    try {
      const attack = await Attack.begin(target, run.seed);
      for (let from = 0; from < count && !run.signal.aborted; from += SLICE) {
        await attack.run(from, Math.min(count, from + SLICE), run.signal);
        run.progress(`${name}: ${String(attack.count)} of ${String(count)}, ${String(attack.faults.length)} faults`);
      }
      attack.faults.push(
        ...target.brokenLines.map((line) => ({ ...NOWHERE, fault: 'a broken line of the log', again: line })),
      );
      if (done[0] !== undefined) attack.faults.push(...toldDifferences(run, done[0], attack));
      done.push(attack);
    } finally {
      await target.stop();
    }
  }
  return done.map(({ target, count, faults, byRoute, byKind, byOutcome }) => {
    return { name: target.name, count, faults, byRoute, byKind, byOutcome };
  });
}

const NOWHERE = { place: -1, route: 'any', kind: 'any' } as const;

function toldDifferences({ seed }: RequestsRun, box: Attack, other: Attack): readonly Fault[] {
  const requestAt = (place: number) => makeRequest(seed, place, other.ground);
  const isBytes = (place: number): boolean => requestAt(place).raw !== undefined;
  return differences(box, other, isBytes).map(({ place, outcomes: [one, two] }) => {
    const { route, kind, target, raw } = requestAt(place);
    const again = raw === undefined ? target.slice(0, 200) : JSON.stringify(raw.toString('latin1').slice(0, 400));
    return { place, route, kind, fault: `the box says ${one}, ${other.target.name} says ${two}`, again };
  });
}
