/** One cell of a legacy row, read as what it should be; undefined when it is not. */
import type { LegacyValue } from '../stores/import.ts';

export function asText(value: LegacyValue): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined;
}

/** A whole number of milliseconds since 1970, whether SQLite keeps it as INTEGER or as REAL. */
export function asInstant_ms(value: LegacyValue): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** SQLite has no booleans: 0 and 1, or words. */
export function asFlag(value: LegacyValue): boolean | undefined {
  if (value === 0 || value === 1) return value === 1;
  const word = typeof value === 'string' ? value.toLowerCase() : '';
  if (['true', 't', 'yes', '1'].includes(word)) return true;
  return ['false', 'f', 'no', '0'].includes(word) ? false : undefined;
}

/** Below it a number of seconds lies before the year 5138, and a number of milliseconds in 1973. */
const SECONDS_BELOW = 100_000_000_000;

/** The last moment of four-digit years: a date beyond it cannot be written as text, and is none that anybody meant. */
const LAST_MOMENT_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** A moment as servers write it: milliseconds, seconds, or ISO 8601 text, UTC where no zone is given. */
export function asMoment_ms(value: LegacyValue): number | undefined {
  if (typeof value === 'number' && value >= 0 && value <= LAST_MOMENT_MS) {
    return Math.floor(value < SECONDS_BELOW ? value * 1_000 : value);
  }
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d/.test(value)) return undefined;
  const text = value.trim().replace(' ', 'T');
  const time_ms = Date.parse(!text.includes('T') || /(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(time_ms) || time_ms < 0 ? undefined : time_ms;
}

/** How a row is named in a report. */
export function named(value: LegacyValue): string {
  return `id ${(asText(value) ?? 'without a readable value').slice(0, 80)}`;
}
