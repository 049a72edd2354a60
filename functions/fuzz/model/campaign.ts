/** Runs upon runs of made-up operations in one phase, several worlds side by side. */
import fc from 'fast-check';
import { operations, type Operation } from './operation.ts';
import type { FuzzPhase } from './phases.ts';
import { Difference, perform } from './play.ts';
import { populate } from './populate.ts';
import { shortest } from './shortest.ts';
import { storedDifference } from './stored.ts';
import { Tally } from './tally.ts';
import { openWorld, type World } from './world.ts';

export interface CampaignOptions {
  readonly phase: FuzzPhase;
  readonly operations: number;
  readonly seed: number;
  readonly refusals_per_dump: number;
  readonly worlds?: number;
  readonly signal?: AbortSignal;
  readonly progress?: (done: number) => void;
}

export interface Finding {
  readonly message: string;
  readonly leak: boolean;
  /** The shortest list of operations that shows it. */
  readonly operations: readonly Operation[];
  readonly seed: number;
}

export interface Outcome {
  readonly tally: Tally;
  readonly finding: Finding | null;
}

const RUN_LENGTH = 150;
/** How long a list that shows something is made shorter. */
const LONGEST_CUT_MS = 60_000;
/** A store that has grown takes longer to read. */
const OPERATIONS_PER_WORLD = 4_000;

export async function campaign(options: CampaignOptions): Promise<Outcome> {
  const { worlds = 1 } = options;
  const tally = new Tally();
  const lanes = Array.from({ length: worlds }, (_, n) => lane(options, tally, n, worlds));
  const findings = await Promise.all(lanes);
  return { tally, finding: findings.find((one) => one !== null) ?? null };
}

async function lane(options: CampaignOptions, tally: Tally, first: number, step: number): Promise<Finding | null> {
  let world = await openWorld(options.phase);
  let left = OPERATIONS_PER_WORLD;
  try {
    for (let run = first; isWanted(options, tally); run += step) {
      if (left <= 0) {
        await world.close();
        world = await openWorld(options.phase);
        left = OPERATIONS_PER_WORLD;
      }
      const before = tally.count('operations');
      const finding = await oneRun(options, tally, world, options.seed + run);
      if (finding !== null) return finding;
      left -= tally.count('operations') - before;
      options.progress?.(tally.count('operations'));
    }
    return null;
  } finally {
    await world.close();
  }
}

function isWanted({ operations: wanted, signal }: CampaignOptions, tally: Tally): boolean {
  return tally.count('operations') < wanted && signal?.aborted !== true;
}

/** One list of operations; when it shows something, the shortest that still does. */
async function oneRun(
  { phase, refusals_per_dump }: CampaignOptions,
  tally: Tally,
  world: World,
  seed: number,
): Promise<Finding | null> {
  const play = async (list: readonly Operation[], counted: Tally): Promise<Error | null> => {
    const model = await populate(world);
    try {
      for (const operation of list) await perform({ world, model, tally: counted, refusals_per_dump }, operation);
      const found = await storedDifference(model, world);
      return found === null ? null : new Difference(`${phase}: ${found}`, false);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  };
  const list = fc.sample(operations(RUN_LENGTH), { seed, numRuns: 1 })[0] ?? [];
  let last = await play(list, tally);
  if (last === null) return null;
  const fails = async (shorter: readonly Operation[]): Promise<boolean> => {
    const error = await play(shorter, new Tally());
    last = error ?? last;
    return error !== null;
  };
  const cut = await shortest(list, fails, LONGEST_CUT_MS);
  return { message: last.message, leak: last instanceof Difference && last.leak, operations: cut, seed };
}
