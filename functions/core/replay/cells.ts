import { isMetricName, PROTOTYPE_KEYS } from '../model/names.ts';
import type { MetricValue } from '../model/point.ts';

const MAX_NAME = 64;

/** A cell as it is told of: a file that is no table has cells of any length. */
export function shownCell(text: string): string {
  return JSON.stringify(text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`);
}

const MAX_SHOWN = 60;

const MAX_TITLE = 1_000;

/** A column's title as a metric name: what is not allowed in one becomes `_`. */
export function metricName(title: string, position: number): string {
  const plain = title
    .slice(0, MAX_TITLE)
    .trim()
    .replaceAll(/[^A-Za-z0-9_.:-]+/g, '_')
    .replace(/^_+(?=[A-Za-z])|_+$/g, '');
  const named = plain === '' ? `column_${position + 1}` : plain;
  const started = /^[A-Za-z_]/.test(named) ? named : `_${named}`;
  const name = PROTOTYPE_KEYS.has(started) ? `${started}_` : started.slice(0, MAX_NAME);
  return isMetricName(name) ? name : `column_${position + 1}`;
}

const MISSING = /^(|na|n\/a|nan|null|none)$/i;
const BOOLEAN = /^(true|false)$/i;
const WHOLE = /^[+-]?(?:0|[1-9]\d*)$/;
const DECIMAL = /^[+-]?(?:0|[1-9]\d*|(?=\.\d))(?:\.\d*)?(?:[eE][+-]?\d+)?$/;
const DECIMAL_COMMA = /^[+-]?(?:0|[1-9]\d*),\d+(?:[eE][+-]?\d+)?$/;
const GROUPED = /^[+-]?\d{1,3}(?:[.,' \u00a0]\d{3})+(?:[.,]\d+)?$/;

/** What a cell looks like by itself. A `grouped` number, such as 1,234.5, could be read in two ways. */
export type CellKind = 'empty' | 'boolean' | 'whole' | 'decimal' | 'decimal_comma' | 'grouped' | 'text';

/**
 * Text stays text where a number would lose something: leading zeros, as codes have them, and whole numbers that a
 * double cannot hold.
 */
export function cellKind(cell: string): CellKind {
  const text = cell.trim();
  if (MISSING.test(text)) return 'empty';
  if (BOOLEAN.test(text)) return 'boolean';
  if (WHOLE.test(text)) return isExact(text) ? 'whole' : 'text';
  if (DECIMAL.test(text)) return isExact(text) ? 'decimal' : 'text';
  if (DECIMAL_COMMA.test(text)) return 'decimal_comma';
  return GROUPED.test(text) ? 'grouped' : 'text';
}

function isExact(text: string): boolean {
  return Math.abs(Number(text)) <= Number.MAX_SAFE_INTEGER;
}

/** What a whole column is. */
export type ColumnType = 'number' | 'decimal comma' | 'boolean' | 'text' | 'empty';

/** A cell as a metric's value in a column of this type; undefined when there is none. */
export function cellValue(cell: string, type: ColumnType): MetricValue | undefined {
  const text = cell.trim();
  if (MISSING.test(text)) return undefined;
  switch (type) {
    case 'number':
      return Number(text) + 0;
    case 'decimal comma':
      return Number(text.replace(',', '.')) + 0;
    case 'boolean':
      return text.toLowerCase() === 'true';
    case 'text':
      return text;
    case 'empty':
      return undefined;
  }
}

const DATE_TIME = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(?:[.,](\d{1,9}))? ?(Z|UTC|[+-]\d{2}:?\d{2})?)?$/i;
const EPOCH = /^\d{9,13}(?:\.\d+)?$/;
/** Epoch seconds stay below this until the year 5138, epoch milliseconds are above it since 1973. */
const SECONDS_BELOW = 100_000_000_000;

/** A cell as an instant; null when it is none. A date and time without a zone is UTC. */
export function cellTime_ms(cell: string): number | null {
  const text = cell.trim();
  if (EPOCH.test(text)) {
    const value = Number(text);
    return Math.round(value < SECONDS_BELOW ? value * 1_000 : value);
  }
  const found = DATE_TIME.exec(text);
  if (found === null) return null;
  const [, date = '', minutes = '00:00', seconds = ':00', fraction = '', zone = 'Z'] = found;
  const utc_ms = Date.parse(`${date}T${minutes}${seconds}.${fraction.padEnd(3, '0').slice(0, 3)}Z`);
  // A date that does not exist, such as 30 February, would roll over to another one.
  if (Number.isNaN(utc_ms) || new Date(utc_ms).toISOString().slice(0, 10) !== date) return null;
  return utc_ms - zoneOffset_ms(zone);
}

function zoneOffset_ms(zone: string): number {
  const found = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (found === null) return 0;
  const [, sign, hours = '0', minutes = '0'] = found;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}
