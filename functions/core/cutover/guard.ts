/** Rolls a box back by itself when one of the triggers fires. */
import { CONCERNS, type Concern, type Flags } from '../model/flags.ts';
import { BY_ITSELF } from './events.ts';
import type { BoxParts } from './parts.ts';
import { reasonsOf } from './refused.ts';
import { turnBack } from './rollback.ts';
import { countedSince, firedTriggers, StoredCounters, TRIGGER_LOOKBACK_MS, type FiredTrigger } from './triggers.ts';

export type GuardParts = Pick<BoxParts, 'journal' | 'clock' | 'ids' | 'logger' | 'backend'>;

export interface Guarded {
  readonly concern: Concern;
  readonly fired: FiredTrigger;
}

/**
 * Judges what all processes of the box counted and turns back what must be, what moved last first. Each rollback is audited
 * with what was seen. Answers what was turned.
 */
export async function guard(parts: GuardParts): Promise<readonly Guarded[]> {
  const { journal, clock, logger } = parts;
  const now_ms = clock.now_ms();
  const counted = (await journal.counters(now_ms - TRIGGER_LOOKBACK_MS)).flatMap(({ value }) => {
    const read = StoredCounters.safeParse(value);
    return read.success ? [read.data] : [];
  });
  const turned: Guarded[] = [];
  for (const concern of CONCERNS.toReversed()) {
    const flags = journal.flags();
    const since_move = countedSince(counted, flags.since_ms[concern]);
    const fired = firedTriggers(since_move, now_ms).find(
      (one) => one.concerns.includes(concern) && turns(flags, concern, one),
    );
    if (fired === undefined || !(await turn(parts, concern, fired))) continue;
    logger.log('ERROR', `${concern} was rolled back: ${fired.saw}`, { trigger: fired.trigger, concern, to: fired.to });
    turned.push({ concern, fired });
  }
  return turned;
}

/** Whether there is anything to turn. Only reads that are on Firestore can be turned to `dual`. */
function turns(flags: Flags, concern: Concern, { to }: FiredTrigger): boolean {
  if (flags.finalized) return false;
  return to === 'dual' ? flags[concern] === 'firestore' : flags[concern] !== 'sqlite';
}

/** False when somebody else turned it meanwhile. */
async function turn(parts: GuardParts, concern: Concern, { trigger, to, saw }: FiredTrigger): Promise<boolean> {
  try {
    await turnBack(parts, concern, BY_ITSELF, `${trigger}: ${saw}`, to);
    return true;
  } catch (error) {
    if (reasonsOf(error) === null) throw error;
    return false;
  }
}
