import { MINUTE_MS, SECOND_MS } from '../clock.ts';

/** Documents that a dashboard, which is a session, may read in any minute, whatever for. */
export const DASHBOARD_READS_PER_MINUTE = 50;

/** No answer is fresh for longer than this, however much is on screen. */
export const LONGEST_FRESH_MS = 15 * MINUTE_MS;

/** Looks at devices that are planned for a minute; the rest is for sessions, new buckets and what was not foreseen. */
const PLANNED_LOOKS = 40;
/** What looks may cost in a minute, on average, when they cost more than one read each. */
const PLANNED_READS = 36;
/** With many devices every look is likely to cost all it can: itself, the device, and an older bucket. */
const PACE_OF_MANY_MS = 4.5 * SECOND_MS;

/**
 * How long an answer about one of `shown` devices must last. Devices are asked for together, so a minute may see one
 * round more than fits into it: `shown * (minute / pace + 1)` looks, which is to be what was planned.
 */
export function steadyPace_ms(shown: number): number {
  return Math.min(LONGEST_FRESH_MS, PACE_OF_MANY_MS * shown, inRounds_ms(shown));
}

/**
 * How long an answer about `asked` of `shown` devices must last when it cost `reads`: so that the average is kept, and for
 * up to a minute so that another round like it fits.
 */
export function paidPace_ms(reads: number, asked: number, shown: number): number {
  const round = (reads * shown) / Math.max(1, asked);
  const on_average_ms = (round / PLANNED_READS) * MINUTE_MS;
  return Math.min(LONGEST_FRESH_MS, Math.max(on_average_ms, Math.min(MINUTE_MS, inRounds_ms(round))));
}

function inRounds_ms(looks: number): number {
  return looks < PLANNED_LOOKS ? (MINUTE_MS * looks) / (PLANNED_LOOKS - looks) : Infinity;
}
