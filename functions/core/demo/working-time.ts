/** When there are people in a building: Monday to Friday, by the building's own clock, without daylight saving. */
import { DAY_MS, HOUR_MS } from '../clock.ts';

/** Hours of the day. It begins and ends in ramps, within `from` and `to`. */
export interface Shift {
  readonly from: number;
  readonly to: number;
  readonly ramp: number;
}

export const OFFICE: Shift = { from: 7, to: 18.5, ramp: 2 };

const WORKING_DAYS = 5;
const WEEK_DAYS = 7;
/** The first day of 1970 was a Thursday. */
const DAYS_SINCE_MONDAY = 3;

interface Moment {
  readonly week: number;
  readonly weekday: number;
  readonly hour: number;
}

function momentOf(local_ms: number): Moment {
  const days = Math.floor(local_ms / DAY_MS);
  const since_monday = days + DAYS_SINCE_MONDAY;
  const week = Math.floor(since_monday / WEEK_DAYS);
  return { week, weekday: since_monday - week * WEEK_DAYS, hour: (local_ms - days * DAY_MS) / HOUR_MS };
}

export function hourOf(local_ms: number): number {
  return momentOf(local_ms).hour;
}

/** How much of a shift is there: 0 outside of it, 1 in its midst. */
export function atWork(local_ms: number, { from, to, ramp }: Shift): number {
  const { weekday, hour } = momentOf(local_ms);
  if (weekday >= WORKING_DAYS) return 0;
  return Math.max(0, Math.min(1, (hour - from) / ramp, (to - hour) / ramp));
}

/** The hours of full work since a Monday long ago: what `atWork` adds up to, exactly, so that a counter needs no memory. */
export function workedHours(local_ms: number, shift: Shift): number {
  const { week, weekday, hour } = momentOf(local_ms);
  const full_days = week * WORKING_DAYS + Math.min(weekday, WORKING_DAYS);
  const today = weekday < WORKING_DAYS ? workedToday(hour, shift) : 0;
  return full_days * workedToday(24, shift) + today;
}

function workedToday(hour: number, { from, to, ramp }: Shift): number {
  return rampedUp(hour - from, ramp) - rampedUp(hour - (to - ramp), ramp);
}

/** The area under a ramp from 0 to 1 that stays at 1. */
function rampedUp(hours: number, ramp: number): number {
  if (hours <= 0) return 0;
  return hours < ramp ? (hours * hours) / (2 * ramp) : hours - ramp / 2;
}
