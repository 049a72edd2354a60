/** What becomes of points, by the contract: duplicates, merges, conflicts and the write budget. */
import { MINUTE_MS } from '@bas/core/clock';
import type { ModelDevice } from './state.ts';

export interface SentPoint {
  readonly timestamp_ms: number;
  readonly metrics: Readonly<Record<string, number | string>>;
}

export interface ModelReceipt {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly { readonly index: number; readonly code: string }[];
}

const WRITES_PER_MINUTE = 5;
const AHEAD_MS = 5 * MINUTE_MS;
const KEPT_MS = 90 * 24 * 60 * MINUTE_MS;

/** Null when the device has used its writes of this minute; then nothing is stored. */
export function store(
  device: ModelDevice,
  points: readonly SentPoint[],
  overwrite: boolean,
  now_ms: number,
): ModelReceipt | null {
  const after = new Map(device.points);
  const rejected: { index: number; code: string }[] = [];
  let accepted = 0;
  let duplicates = 0;
  for (const [index, { timestamp_ms, metrics }] of points.entries()) {
    const known = after.get(timestamp_ms);
    if (timestamp_ms < now_ms - KEPT_MS) rejected.push({ index, code: 'timestamp_too_old' });
    else if (timestamp_ms > now_ms + AHEAD_MS) rejected.push({ index, code: 'timestamp_in_future' });
    else if (!overwrite && known !== undefined && contradicts(known, metrics))
      rejected.push({ index, code: 'conflict' });
    else if (known !== undefined && holds(known, metrics)) duplicates += 1;
    else {
      after.set(timestamp_ms, { ...known, ...metrics });
      accepted += 1;
    }
  }
  if (accepted > 0) {
    const minute = Math.floor(now_ms / MINUTE_MS);
    const used = device.budget.minute === minute ? device.budget.used : 0;
    if (used >= WRITES_PER_MINUTE) return null;
    device.budget = { minute, used: used + 1 };
    for (const [time, metrics] of after) device.points.set(time, metrics);
  }
  return { accepted, duplicates, rejected };
}

function contradicts(known: SentPoint['metrics'], metrics: SentPoint['metrics']): boolean {
  return Object.entries(metrics).some(([name, value]) => name in known && known[name] !== value);
}

function holds(known: SentPoint['metrics'], metrics: SentPoint['metrics']): boolean {
  return Object.entries(metrics).every(([name, value]) => known[name] === value);
}

/** Newest first, from `start_ms` to before `end_ms`. */
export function pointsIn(device: ModelDevice, start_ms: number, end_ms: number): readonly SentPoint[] {
  return [...device.points]
    .filter(([time]) => time >= start_ms && time < end_ms)
    .sort(([a], [b]) => b - a)
    .map(([timestamp_ms, metrics]) => ({ timestamp_ms, metrics }));
}
