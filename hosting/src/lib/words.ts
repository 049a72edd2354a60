/** Times and numbers as people read them. */
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const local = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const timeOnly = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

/** In the browser's own zone. */
export function localTime(time_ms: number): string {
  return local.format(time_ms);
}

/** From when to when, without saying the day twice. */
export function localSpan(start_ms: number, end_ms: number): string {
  return local.formatRange(start_ms, end_ms);
}

export function clockTime(time_ms: number): string {
  return timeOnly.format(time_ms);
}

/** Such as `2026-11-23 13:09:44 UTC`. */
export function utcTime(time_ms: number): string {
  return `${new Date(time_ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** The largest unit alone: `12 s`, `5 min`, `3 h`, `8 d`. */
export function duration(span_ms: number): string {
  const ms = Math.max(0, span_ms);
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  return `${Math.floor(ms / DAY_MS)} d`;
}

/** How long to wait, rounded up: whoever waits so long has waited long enough. */
export function waitText(span_ms: number): string {
  const unit_ms = span_ms <= MINUTE_MS ? SECOND_MS : span_ms <= HOUR_MS ? MINUTE_MS : HOUR_MS;
  return duration(Math.ceil(span_ms / unit_ms) * unit_ms);
}

const UNITS = [
  { unit: 'd', unit_ms: DAY_MS },
  { unit: 'h', unit_ms: HOUR_MS },
  { unit: 'min', unit_ms: MINUTE_MS },
  { unit: 's', unit_ms: SECOND_MS },
] as const;

/** Exactly, in the largest unit that leaves a whole number: `90 s`, `15 min`, `0.1 s`. */
export function exactDuration(span_ms: number): string {
  const { unit, unit_ms } = UNITS.find((known) => span_ms % known.unit_ms === 0) ?? UNITS[3];
  return `${span_ms / unit_ms} ${unit}`;
}

/** What is left of a wait, to the second: `0:42`, `12:05`. */
export function countdown(left_ms: number): string {
  const seconds = Math.max(0, Math.ceil(left_ms / SECOND_MS));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
