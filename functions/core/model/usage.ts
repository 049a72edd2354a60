/** Who used how much of the store: by day, function and device, added up in parts that each are one document. */
import { DAY_MS } from '../clock.ts';
import { sha256 } from '../ids.ts';
import type { Counts } from '../observability/meter.ts';
import { USAGE_RETENTION_MS } from './retention.ts';

export interface UsageRow extends Counts {
  readonly function: string;
  /** Null for what no device of the tenant is to be charged with. */
  readonly device_id: string | null;
}

/** Where a row is kept. */
export interface UsagePlace {
  /** In UTC, such as `2026-03-17`: its order is that of time. */
  readonly day: string;
  readonly shard: number;
}

/** Rows of one tenant that are kept together. */
export interface UsagePart extends UsagePlace {
  readonly rows: readonly UsageRow[];
}

/** Of a tenant with so much usage that one write does not take it. Of 10,000 devices each then holds 1,250: a few hundred KiB of 1 MiB. */
export const USAGE_SHARDS = 8;

/** Counters that one write may add to; Firestore takes 500 in one document. */
export const MAX_COUNTERS = 400;

export const COUNTERS = ['reads', 'writes', 'deletes', 'points'] as const satisfies readonly (keyof Counts)[];

/** How many counters a row adds to: those it has nothing for are left out. */
export function countersOf(row: Counts): number {
  return COUNTERS.filter((counter) => row[counter] > 0).length;
}

export function addCounts(known: Counts | undefined, counted: Counts): Counts {
  const { reads, writes, deletes, points } = known ?? { reads: 0, writes: 0, deletes: 0, points: 0 };
  return {
    reads: reads + counted.reads,
    writes: writes + counted.writes,
    deletes: deletes + counted.deletes,
    points: points + counted.points,
  };
}

export function usageDay(time_ms: number): string {
  return new Date(time_ms).toISOString().slice(0, 10);
}

/** Where rows of a device are kept once the tenant's day is spread over several documents; before that, all are in the first. */
export function usageShard(device_id: string | null): number {
  return device_id === null ? 0 : Number.parseInt(sha256(device_id).slice(0, 8), 16) % USAGE_SHARDS;
}

/** When the rows of `day` may go. */
export function usageExpiry_ms(day: string): number {
  return Date.parse(day) + DAY_MS + USAGE_RETENTION_MS;
}
