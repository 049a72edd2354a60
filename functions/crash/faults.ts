/** All trials of some kinds of requests, several at a time: most of their time they wait. */
import { KINDS } from './requests.ts';
import { openStage, type Stage } from './scene.ts';
import { attempt, record, trialsOf, type Trial } from './trials.ts';

export interface FaultOptions {
  readonly emulator_host: string;
  readonly kinds: readonly string[];
  /** Which of the trials to make. */
  readonly wanted: (trial: Trial) => boolean;
  readonly lanes: number;
  readonly signal: AbortSignal;
  readonly onKind: (kind: KindResult) => void;
}

export interface KindResult {
  readonly kind: string;
  /** Its calls when nothing is wrong. */
  readonly calls: readonly string[];
  readonly trials: readonly Trial[];
  /** What went wrong, by trial. */
  readonly wrong: readonly string[];
}

/** Tries every kind; what is under way when the signal comes is not told. */
export async function tryFaults(options: FaultOptions): Promise<readonly KindResult[]> {
  const rest = [...options.kinds];
  const results: KindResult[] = [];
  const lane = async (stage: Stage): Promise<void> => {
    for (let kind = rest.shift(); kind !== undefined && !options.signal.aborted; kind = rest.shift()) {
      const result = await tryKind(stage, kind, options);
      if (result === null) return;
      results.push(result);
      options.onKind(result);
    }
  };
  const stages: Stage[] = [];
  try {
    // One after the other: what leads a client to its proxy is the whole process's.
    while (stages.length < options.lanes) stages.push(await openStage(options.emulator_host));
    for (const ended of await Promise.allSettled(stages.map(lane))) {
      if (ended.status === 'rejected') throw ended.reason;
    }
  } finally {
    await Promise.allSettled(stages.map((stage) => stage.close()));
  }
  return results;
}

async function tryKind(stage: Stage, name: string, { wanted, signal }: FaultOptions): Promise<KindResult | null> {
  const kind = KINDS[name];
  if (kind === undefined) throw new Error(`There is no kind of request named ${name}.`);
  const { calls, shown } = await record(stage, kind);
  const trials = trialsOf(calls).filter(wanted);
  const wrong: string[] = [];
  for (const trial of trials) {
    if (signal.aborted) return null;
    const found = await attempt(stage, kind, trial, shown);
    wrong.push(...found.map((what) => `${name}, ${trial.name}: ${what}`));
  }
  return { kind: name, calls, trials, wrong };
}
