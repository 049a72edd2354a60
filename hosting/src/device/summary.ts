/** What a chart shows, and how much of it has come, in words. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@bas/core/clock';
import type { Point } from '../api/answers.ts';
import { valueText } from '../lib/units.ts';
import { localTime } from '../lib/words.ts';
import type { Metric } from './series.ts';
import { widthOf, type Span } from './range.ts';

/** What a chart shows, in words: how many points from when to when, and how far each metric goes. */
export function summaryOf(
  points: readonly Point[],
  metrics: readonly Metric[],
  unitOf: (name: string) => string,
): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return 'There are no points here.';
  const lines = metrics.flatMap(({ name }) => {
    const values = points.flatMap(({ metrics: of }) => (Object.hasOwn(of, name) ? [of[name]] : []));
    const newest = values.at(-1);
    if (newest === undefined) return [];
    const numbers = values.filter((value) => typeof value === 'number');
    const unit = unitOf(name);
    const reach =
      numbers.length === 0 ? '' : `${valueText(Math.min(...numbers))} to ${valueText(Math.max(...numbers), unit)}, `;
    return [` ${name}: ${reach}newest ${valueText(newest, unit)}.`];
  });
  const count = points.length === 1 ? '1 point' : `${points.length} points`;
  return `${count} from ${localTime(first.timestamp_ms)} to ${localTime(last.timestamp_ms)}.${lines.join('')}`;
}

const UNITS = [
  { title: 'days', unit_ms: DAY_MS },
  { title: 'hours', unit_ms: HOUR_MS },
  { title: 'minutes', unit_ms: MINUTE_MS },
] as const;
/** Fewer would tell too little. */
const FEWEST = 2;

/** Such as `3 of 9 days`; null when all is there. */
export function progressText(needed: Span | null, missing: readonly Span[]): string | null {
  if (needed === null || missing.length === 0) return null;
  const all_ms = widthOf(needed);
  const left_ms = missing.reduce((sum, span) => sum + widthOf(span), 0);
  const { title, unit_ms } = UNITS.find((unit) => all_ms >= FEWEST * unit.unit_ms) ?? UNITS[2];
  return `${Math.floor((all_ms - left_ms) / unit_ms)} of ${Math.ceil(all_ms / unit_ms)} ${title}`;
}
