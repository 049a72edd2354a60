import type { Concern, Flags, Phase } from '../model/flags.ts';
import { endingSessions } from './auth-move.ts';
import { tellCloud } from './claim.ts';
import { cutoverEvent, type Operator } from './events.ts';
import type { BoxParts } from './parts.ts';
import { carryOut, type Decided } from './refused.ts';

/** `dual` turns only reads: telemetry is delivered on. */
export type Back = 'sqlite' | 'dual';

export interface RolledBack {
  readonly from: Phase;
  readonly to: Phase;
}

interface Turn extends Decided {
  readonly from: Phase;
}

/** Turns one concern back and tells the cloud of it, as soon as Firestore answers. */
export async function rollback(
  parts: BoxParts,
  concern: Concern,
  by: Operator,
  reason: string,
  to: Back = 'sqlite',
): Promise<RolledBack> {
  const turned = await turnBack(parts, concern, by, reason, to);
  await tellCloud(parts);
  return turned;
}

/**
 * Turns the reads of one concern round to SQLite at once, with a reason. Nothing is lost: SQLite has everything. The
 * cloud is still to be told of it.
 */
export async function turnBack(
  parts: Pick<BoxParts, 'journal' | 'backend' | 'clock' | 'ids'>,
  concern: Concern,
  by: Operator,
  reason: string,
  to: Back,
): Promise<RolledBack> {
  const now_ms = parts.clock.now_ms();
  const { from } = await carryOut(parts, ({ flags }): Turn => {
    const from = flags[concern];
    const against = whyNot(flags, concern, to);
    const outcome = against === null ? 'success' : 'refused';
    const detail = against ?? `from ${from} to ${to}: ${reason}`;
    const audit = cutoverEvent(parts, by, 'cutover.rollback', { outcome, target: concern, detail });
    if (against !== null) return { flags: null, audit, from, reasons: [against] };
    const sessions = concern === 'auth' && from === 'firestore' ? endingSessions(now_ms) : {};
    const proof = concern === 'telemetry' ? ({ forget: 'comparison' } as const) : {};
    return { flags: turned(flags, concern, to, now_ms), audit, from, reasons: [], ...sessions, ...proof };
  });
  return { from, to };
}

function whyNot(flags: Flags, concern: Concern, to: Back): string | null {
  if (flags.finalized) return 'The box is finalized: SQLite is closed, and there is no way back.';
  if (flags[concern] === to) return `${concern} is on ${to} already.`;
  return flags[concern] === 'sqlite' ? `${concern} is on sqlite already.` : null;
}

function turned(flags: Flags, concern: Concern, to: Back, now_ms: number): Flags {
  const since_ms = { ...flags.since_ms, [concern]: now_ms };
  if (concern === 'telemetry') return { ...flags, since_ms, telemetry: to };
  if (concern === 'audit') return { ...flags, since_ms, audit: 'sqlite' };
  return { ...flags, since_ms, auth: 'sqlite', frozen_until_ms: 0 };
}
