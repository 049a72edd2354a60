/** The order of things: look, compare, and change only what differs. */
import { SetupError } from '@bas/core/errors';
import { inParallel } from '@bas/core/resilience/parallel';

/** One thing that must be there. */
export interface Item {
  /** As a person would name it: `secret firestore-project-id`. */
  readonly subject: string;
  /** `=` as it must be, `+` missing, `~` different, `!` a person has to act. */
  readonly sign: '=' | '+' | '~' | '!';
  /** What differs, or what else there is to know. */
  readonly detail?: string | undefined;
  /** Makes it so. */
  readonly apply?: (() => Promise<unknown>) | undefined;
}

/** Things that are looked at together, once everything before them is there. */
export interface Step {
  readonly name: string;
  readonly look: () => Promise<readonly Item[]>;
  /** How many things may be made at once; one after the other when left out. */
  readonly width?: number;
}

export interface Outcome {
  readonly same: number;
  readonly changed: number;
  /** Left to a person. */
  readonly open: number;
}

export interface RunOptions {
  /** Say what would change, and change nothing. */
  readonly plan: boolean;
  readonly say: (line: string) => void;
}

/** Runs the steps in order, a line for each thing. The first failure ends it and names the step; running again goes on. */
export async function runSteps(steps: readonly Step[], options: RunOptions): Promise<Outcome> {
  const counts = { '=': 0, '+': 0, '~': 0, '!': 0 };
  for (const step of steps) {
    for (const { sign } of await runStep(step, options)) counts[sign] += 1;
  }
  return { same: counts['='], changed: counts['+'] + counts['~'], open: counts['!'] };
}

/** Tells of what is done in the order of declaration, also when something fails. */
async function runStep({ name, look, width = 1 }: Step, { plan, say }: RunOptions): Promise<readonly Item[]> {
  const items = await at(name, 'looking', look);
  const done = new Set<Item>();
  try {
    await inParallel(items, width, async (item) => {
      const { apply, subject } = item;
      if (!plan && apply !== undefined) await at(name, subject, apply);
      done.add(item);
    });
  } finally {
    for (const { sign, subject, detail } of items.filter((item) => done.has(item))) {
      say(`${sign} ${subject}${detail === undefined ? '' : `  (${detail})`}`);
    }
  }
  return items;
}

async function at<T>(step: string, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    throw new SetupError(
      `step ${step}, ${what}: ${error.message} What was done before it stays; run the same command again to go on.`,
      { cause: error },
    );
  }
}

/** The item of something that is declared: missing, different or as it must be. */
export function itemOf(
  subject: string,
  found: { readonly there: boolean; readonly differs?: string | null },
  ways: { readonly create: () => Promise<unknown>; readonly change?: () => Promise<unknown> },
): Item {
  if (!found.there) return { subject, sign: '+', apply: ways.create };
  const detail = found.differs ?? null;
  return detail === null ? { subject, sign: '=' } : { subject, sign: '~', detail, apply: ways.change ?? ways.create };
}
