import { setTimeout as sleep } from 'node:timers/promises';
import { MINUTE_MS } from '../clock.ts';
import { NO_ROWS, type BoxState } from '../stores/journal.ts';
import { publish, reasonsAgainstClaim, type ClaimParts } from './claim.ts';
import { endingSessions } from './auth-move.ts';
import { Delivery } from './deliver.ts';
import { deliverRows } from './deliver-rows.ts';
import { cutoverEvent, type Operator } from './events.ts';
import { reasonsAgainstFinalizing } from './moves.ts';
import type { BoxParts } from './parts.ts';
import { carryOut, type Decided } from './refused.ts';
import { allDevices, allUsers, refuseDiffering } from './verify-rows.ts';

/** How long nothing may be stored while the last of it is delivered. An end that died opens again by itself. */
const CLOSING_MS = MINUTE_MS / 2;
const PAUSE_MS = 50;

/**
 * Ends the cutover: for a moment nothing may be stored, the rest is delivered, every row is verified, and then Firestore
 * alone holds the data and the cloud home opens. There is no way back.
 */
export async function finalize(parts: BoxParts, by: Operator): Promise<void> {
  const { journal, clock } = parts;
  if (journal.flags().finalized) return openCloud(parts);
  // Asked before the box is closed: while Firestore is away nothing could be delivered.
  const cloud = await reasonsAgainstClaim(parts);
  const against = (state: BoxState): readonly string[] => [...unready(state, clock.now_ms()), ...cloud];
  await step(parts, by, 'closing', against, (flags) => ({ ...flags, closing_until_ms: clock.now_ms() + CLOSING_MS }));
  try {
    await deliverRest(parts);
    await refuseDiffering(parts, [...(await allDevices(parts)), ...(await allUsers(parts))]);
    await step(parts, by, 'finalized', stillDirty, (flags) => ({ ...flags, closing_until_ms: 0, finalized: true }));
  } catch (error) {
    const detail = 'not finalized; the box is open again';
    const audit = cutoverEvent(parts, by, 'cutover.finalize', { outcome: 'failure', target: 'box', detail });
    await journal.move(({ flags }) => ({ flags: { ...flags, closing_until_ms: 0 }, audit }));
    throw error;
  }
  await openCloud(parts);
}

/** Repeated, by the box's server too, after a crash between the last commit here and this one. */
export async function openCloud(parts: ClaimParts): Promise<void> {
  await deliverRows(parts, ['audit']);
  await publish(parts);
}

type Change = (flags: BoxState['flags']) => BoxState['flags'];

async function step(
  parts: BoxParts,
  by: Operator,
  detail: string,
  against: (state: BoxState) => readonly string[],
  change: Change,
): Promise<void> {
  await carryOut(parts, (state): Decided => {
    const reasons = against(state);
    const refused = reasons.length > 0;
    const facts = {
      outcome: refused ? 'refused' : 'success',
      target: 'box',
      detail: refused ? reasons.join(' ') : detail,
    } as const;
    const audit = cutoverEvent(parts, by, 'cutover.finalize', facts);
    if (refused) return { flags: null, audit, reasons };
    const flags = change(state.flags);
    // Sessions are not copied: whoever comes with one is told to sign in again.
    return { flags, audit, reasons, ...(flags.finalized ? endingSessions(parts.clock.now_ms()) : {}) };
  });
}

/** What keeps the box from being closed: all but what is still to deliver, which closing is for. */
export function unready(state: BoxState, now_ms: number): readonly string[] {
  if (state.flags.closing_until_ms > now_ms) return ['The box is being finalized by somebody else.'];
  const nothing = { ...state.dirty, buckets: 0, rows: NO_ROWS };
  return reasonsAgainstFinalizing({ ...state, dirty: nothing });
}

function stillDirty(state: BoxState): readonly string[] {
  return reasonsAgainstFinalizing(state);
}

async function deliverRest(parts: BoxParts): Promise<void> {
  const { journal, mirror, clock, ids } = parts;
  const delivery = new Delivery({ journal, mirror, clock, holder: ids.uuid(), rate: 0 });
  const until_ms = clock.now_ms() + CLOSING_MS;
  for (;;) {
    await delivery.everything();
    if (stillDirty(await journal.state()).length === 0 || clock.now_ms() > until_ms) return;
    await sleep(PAUSE_MS);
  }
}
