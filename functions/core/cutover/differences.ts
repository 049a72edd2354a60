import { oldestKept_ms } from '../model/retention.ts';
import type { Point } from '../model/point.ts';
import { sha256 } from '../ids.ts';
import type { BucketPlace, DeviceRef } from '../stores/journal.ts';

/** One point that the stores do not agree on, or a whole bucket whose document is not as this suite writes it. */
export interface Difference {
  readonly tenant_id: string;
  readonly device_id: string;
  /** Of the point, or of the start of the bucket. */
  readonly timestamp_ms: number;
  /** Null where that store has no such point. */
  readonly sqlite: string | null;
  readonly firestore: string | null;
  /** What is wrong with the whole document; null when one point differs. */
  readonly fault: string | null;
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
    return left === right ? [] : [{ tenant_id, device_id, timestamp_ms, sqlite: left, firestore: right, fault: null }];
  });
}

/** A bucket of Firestore's in which no points can be told apart. */
export function brokenBucket({ tenant_id, device_id, start_ms }: BucketPlace, fault: string): Difference {
  return { tenant_id, device_id, timestamp_ms: start_ms, sqlite: null, firestore: null, fault };
}

/** A line that tells of a difference shows so much of each side; a comparison shows all of it. */
const SHOWN_CHARACTERS = 60;

/** A difference in one line, with the beginning of what each side holds. */
export function describeDifference({ tenant_id, device_id, ...found }: Difference): string {
  const { timestamp_ms, sqlite, firestore, fault } = found;
  const place = `${tenant_id}/${device_id} at ${new Date(timestamp_ms).toISOString()}`;
  if (fault !== null) return `${place}: Firestore's bucket is broken, ${fault}`;
  return `${place}: SQLite ${brief(sqlite)}, Firestore ${brief(firestore)}`;
}

function brief(metrics: string | null): string {
  if (metrics === null) return 'has nothing';
  return metrics.length <= SHOWN_CHARACTERS ? metrics : `${metrics.slice(0, SHOWN_CHARACTERS)}…`;
}
