import { oldestKept_ms } from '../model/retention.ts';
import type { Point } from '../model/point.ts';
import { sha256 } from '../ids.ts';
import type { DeviceRef } from '../stores/journal.ts';

/** One point that the stores do not agree on. */
export interface Difference {
  readonly tenant_id: string;
  readonly device_id: string;
  readonly timestamp_ms: number;
  /** Null where that store has no such point. */
  readonly sqlite: string | null;
  readonly firestore: string | null;
}

/** A checksum over points, oldest first: equal points, equal text. */
export function checksumOf(points: readonly Point[]): string {
  return sha256(points.map(({ timestamp_ms, metrics }) => `${String(timestamp_ms)} ${metrics}\n`).join(''));
}

/** Points that have expired are nobody's difference: each store drops them in its own time. */
export function kept(points: readonly Point[], now_ms: number): readonly Point[] {
  const oldest_ms = oldestKept_ms(now_ms);
  const [first] = points;
  if (first === undefined || first.timestamp_ms >= oldest_ms) return points;
  return points.filter(({ timestamp_ms }) => timestamp_ms >= oldest_ms);
}

/** Every point the two sides do not agree on, oldest first. */
export function differencesOf(
  { tenant_id, device_id }: DeviceRef,
  sqlite: readonly Point[],
  firestore: readonly Point[],
): readonly Difference[] {
  const ours = new Map(sqlite.map((point) => [point.timestamp_ms, point.metrics]));
  const theirs = new Map(firestore.map((point) => [point.timestamp_ms, point.metrics]));
  const times = [...new Set([...ours.keys(), ...theirs.keys()])].sort((a, b) => a - b);
  return times.flatMap((timestamp_ms) => {
    const [left, right] = [ours.get(timestamp_ms) ?? null, theirs.get(timestamp_ms) ?? null];
    return left === right ? [] : [{ tenant_id, device_id, timestamp_ms, sqlite: left, firestore: right }];
  });
}
