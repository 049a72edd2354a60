/** What was used, added up by one of its sides. */
import type { UsageRow } from '../api/answers.ts';

export const SIDES = ['day', 'function', 'device_id'] as const;
export type Side = (typeof SIDES)[number];

export interface Sums {
  readonly reads: number;
  readonly writes: number;
  readonly deletes: number;
  readonly points: number;
}

export interface UsageLine extends Sums {
  /** A day, a function or a device; null for what is no device's. */
  readonly name: string | null;
}

const DAY_MS = 86_400_000;

/** The question about so many days in UTC, of which today is the last. */
export function usagePath(days: number, now_ms: number): string {
  return `/v1/usage?limit=1000&start_ms=${now_ms - (days - 1) * DAY_MS}&end_ms=${now_ms + 1}`;
}

const NOTHING: Sums = { reads: 0, writes: 0, deletes: 0, points: 0 };

export function totalOf(rows: readonly Sums[]): Sums {
  return rows.reduce(
    (sum, row) => ({
      reads: sum.reads + row.reads,
      writes: sum.writes + row.writes,
      deletes: sum.deletes + row.deletes,
      points: sum.points + row.points,
    }),
    NOTHING,
  );
}

/** A line for each name: days newest first, the others by what they read and wrote, most first. */
export function usageBy(rows: readonly UsageRow[], side: Side): readonly UsageLine[] {
  const grouped = Map.groupBy(rows, (row) => row[side]);
  const lines = [...grouped].map(([name, group]) => ({ name, ...totalOf(group) }));
  const weight = ({ reads, writes, points }: UsageLine): number => reads + writes + points;
  return lines.sort((a, b) => (side === 'day' ? (b.name ?? '').localeCompare(a.name ?? '') : weight(b) - weight(a)));
}
