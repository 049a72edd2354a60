import * as z from 'zod';
import { Problem } from '../errors.ts';
import { DeviceId } from '../model/names.ts';
import { canonicalMetrics, isMetrics, metricsFault } from '../model/point.ts';
import { MAX_CLOCK_AHEAD_MS, oldestKept_ms } from '../model/retention.ts';
import type { IncomingPoint, Rejection } from '../model/write-plan.ts';

export const MAX_POINTS_PER_REQUEST = 1_000;

const POINT_FOR_READERS = {
  type: 'object',
  required: ['timestamp_ms', 'metrics'],
  additionalProperties: false,
  properties: {
    timestamp_ms: { type: 'integer', description: 'UTC epoch milliseconds' },
    metrics: {
      type: 'object',
      minProperties: 1,
      maxProperties: 64,
      propertyNames: { pattern: '^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$' },
      additionalProperties: { type: ['number', 'boolean', 'string'] },
    },
  },
};

/** A post of one device. A point is checked by itself, so that a bad one does not hold up the good ones. */
export const IngestBody = z.strictObject({
  device_id: DeviceId,
  points: z.array(z.unknown().meta(POINT_FOR_READERS)).min(1).max(MAX_POINTS_PER_REQUEST),
  overwrite: z.boolean().default(false),
});

export interface Admission {
  readonly points: readonly IncomingPoint[];
  readonly rejected: readonly Rejection[];
}

/** Sorts the points of a request into those that may be stored and those refused by themselves. */
export function admitPoints(raw: readonly unknown[], now_ms: number): Admission {
  const points: IncomingPoint[] = [];
  const rejected: Rejection[] = [];
  for (const [index, candidate] of raw.entries()) {
    const admitted = admitPoint(candidate, index, now_ms);
    if ('code' in admitted) rejected.push(admitted);
    else points.push(admitted);
  }
  return { points, rejected };
}

function admitPoint(candidate: unknown, index: number, now_ms: number): IncomingPoint | Rejection {
  const invalid = (detail: string): Rejection => ({ index, code: 'invalid_point', detail });
  if (!isRecord(candidate)) return invalid('A point is an object with timestamp_ms and metrics.');
  const unknown = Object.keys(candidate).find((name) => name !== 'timestamp_ms' && name !== 'metrics');
  if (unknown !== undefined) {
    throw new Problem(
      'malformed_request',
      `points.${String(index)}: ${JSON.stringify(unknown.slice(0, 80))} is not known.`,
    );
  }
  const { timestamp_ms, metrics } = candidate;
  if (typeof timestamp_ms !== 'number' || !Number.isSafeInteger(timestamp_ms) || timestamp_ms < 0) {
    return invalid('timestamp_ms must be a whole number of milliseconds since 1970, UTC.');
  }
  if (!isRecord(metrics)) return invalid('metrics must be an object of names and values.');
  if (!isMetrics(metrics)) return invalid(`${metricsFault(metrics) ?? 'metrics are not valid'}.`);
  if (timestamp_ms < oldestKept_ms(now_ms)) {
    return { index, code: 'timestamp_too_old', detail: 'Older than the 90 days that are kept.' };
  }
  if (timestamp_ms > now_ms + MAX_CLOCK_AHEAD_MS) {
    return { index, code: 'timestamp_in_future', detail: "More than 5 minutes ahead; check the device's clock." };
  }
  return { index, timestamp_ms, metrics: canonicalMetrics(metrics) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
