import { HOUR_MS, MINUTE_MS } from '../clock.ts';
import type { BoxState, Move } from '../stores/journal.ts';
import { deliverRows } from './deliver-rows.ts';
import { cutoverEvent, type Operator } from './events.ts';
import type { BoxParts } from './parts.ts';
import { carryOut, type Decided } from './refused.ts';
import { allUsers, refuseDiffering } from './verify-rows.ts';

/** How long people may stay frozen; a move that died thaws by then. */
const FREEZE_MS = 2 * MINUTE_MS;
/** How long an old cookie is told to sign in again: no session lives longer. */
const REAUTHENTICATION_MS = 12 * HOUR_MS;

type Check = (state: BoxState) => readonly string[];

/**
 * Moves sign-in: freezes changes of people, copies and verifies those that Firestore does not have as they are, flips, and
 * ends every session on either side. Refused at any point, nothing has changed but the copies.
 */
export async function moveAuth(parts: BoxParts, by: Operator, check: Check): Promise<void> {
  const frozen_until_ms = await freeze(parts, by, check);
  try {
    await copyUsers(parts);
    await refuseDiffering(parts, await allUsers(parts));
    await parts.mirror.endSessions();
    await flip(parts, by, frozen_until_ms);
  } catch (error) {
    await thaw(parts, by, frozen_until_ms);
    throw error;
  }
}

/** Answers until when. */
async function freeze(parts: BoxParts, by: Operator, check: Check): Promise<number> {
  const now_ms = parts.clock.now_ms();
  const frozen_until_ms = now_ms + FREEZE_MS;
  await carryOut(parts, (state): Decided => {
    const { flags } = state;
    const taken = flags.auth === 'moving' && flags.frozen_until_ms > now_ms;
    const reasons = taken ? ['auth is being moved by somebody else.'] : check(state);
    if (reasons.length > 0) return { flags: null, audit: told(parts, by, 'refused', reasons.join(' ')), reasons };
    const audit = told(parts, by, 'success', 'people are frozen while the last of them are copied');
    return { flags: { ...flags, auth: 'moving', frozen_until_ms }, audit, reasons };
  });
  return frozen_until_ms;
}

async function copyUsers(parts: BoxParts): Promise<void> {
  while ((await deliverRows(parts, ['user'])) > 0);
}

async function flip(parts: BoxParts, by: Operator, frozen_until_ms: number): Promise<void> {
  const now_ms = parts.clock.now_ms();
  await carryOut(parts, ({ flags }): Decided => {
    const late = !isOurs(flags, frozen_until_ms) || flags.frozen_until_ms <= now_ms;
    const reasons = late ? ['Copying people took too long: try again.'] : [];
    if (late) return { flags: null, audit: told(parts, by, 'refused', reasons.join(' ')), reasons };
    const since_ms = { ...flags.since_ms, auth: now_ms };
    return {
      flags: { ...flags, auth: 'firestore', since_ms, frozen_until_ms: 0 },
      audit: told(parts, by, 'success', 'from sqlite to firestore; every session ended'),
      end_sessions_until_ms: now_ms + REAUTHENTICATION_MS,
      reasons,
    };
  });
}

async function thaw(parts: BoxParts, by: Operator, frozen_until_ms: number): Promise<void> {
  await parts.journal.move(({ flags }): Move => {
    const audit = told(parts, by, 'failure', 'not moved; people can be changed again');
    return isOurs(flags, frozen_until_ms)
      ? { flags: { ...flags, auth: 'sqlite', frozen_until_ms: 0 }, audit }
      : { flags: null, audit };
  });
}

/** Whether no other move has begun: one may only once ours has taken too long, and so lasts longer. */
function isOurs(flags: BoxState['flags'], frozen_until_ms: number): boolean {
  return flags.auth === 'moving' && flags.frozen_until_ms <= frozen_until_ms;
}

/** What a rollback of sign-in does to sessions: none survives a move, either way. */
export function endingSessions(now_ms: number): Pick<Move, 'end_sessions_until_ms'> {
  return { end_sessions_until_ms: now_ms + REAUTHENTICATION_MS };
}

function told(parts: BoxParts, by: Operator, outcome: 'success' | 'failure' | 'refused', detail: string) {
  return cutoverEvent(parts, by, 'cutover.advance', { outcome, target: 'auth', detail });
}
