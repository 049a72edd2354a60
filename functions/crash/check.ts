/** Whether a box holds what it acknowledged, all of it once, and nothing that nobody sent. */
import Driver, { type Database } from 'better-sqlite3';
import * as z from 'zod';
import { pointBytes } from '@bas/core/model/bucket';
import type { Caller } from '../test/support/client.ts';
import { pageOf } from '../test/support/telemetry.ts';
import { TENANT } from './box.ts';
import { outcomeOf, type DeviceHistory, type SentPoint } from './history.ts';

export interface Findings {
  /** Acknowledged points that are not there, or not as they were sent. */
  readonly lost: string[];
  /** Points or events that are there more than once, or counted so. */
  readonly doubled: string[];
  /** Anything else that must not be: half a batch, a point that nobody sent, a broken file. */
  readonly wrong: string[];
}

export function noFindings(): Findings {
  return { lost: [], doubled: [], wrong: [] };
}

/** Points by time, as somebody found them; a time that was found twice is doubled. */
type Found = readonly { readonly timestamp_ms: number; readonly metrics: unknown }[];

/** Holds what was found of one device against what was sent. */
export function comparePoints({ device_id, batches }: DeviceHistory, found: Found, into: Findings): void {
  const rest = new Map<number, string>();
  for (const { timestamp_ms, metrics } of found) {
    if (rest.has(timestamp_ms)) into.doubled.push(`${device_id}: ${timestamp_ms}`);
    rest.set(timestamp_ms, textOf(metrics));
  }
  for (const batch of batches) {
    const isThere = (point: SentPoint): boolean => rest.get(point.timestamp_ms) === textOf(point.metrics);
    const missing = batch.points.filter((point) => !isThere(point));
    const place = `${device_id}: ${missing.length} of ${batch.points.length} from ${batch.points[0]?.timestamp_ms}`;
    if (missing.length > 0 && outcomeOf(batch) === 'ok') into.lost.push(place);
    else if (missing.length > 0 && missing.length < batch.points.length) into.wrong.push(`half a batch, ${place}`);
    if (batch.accepted > batch.points.length) into.doubled.push(`accepted twice, ${place}`);
    for (const { timestamp_ms } of batch.points) rest.delete(timestamp_ms);
  }
  for (const timestamp_ms of rest.keys()) into.wrong.push(`nobody sent ${device_id}: ${timestamp_ms}`);
}

/** The names in an order of their own: a store need not keep them as they were sent. */
function textOf(metrics: unknown): string {
  return JSON.stringify(Object.entries(metrics ?? {}).sort());
}

/** The file itself, read as another process of the machine may. */
export function checkFile(file: string, devices: readonly DeviceHistory[], into: Findings): void {
  const db = new Driver(file, { readonly: true, fileMustExist: true });
  try {
    const integrity = db.pragma('integrity_check', { simple: true });
    if (integrity !== 'ok') into.wrong.push(`integrity_check: ${String(integrity)}`);
    for (const device of devices) checkDevice(db, device, into);
  } finally {
    db.close();
  }
}

interface Row {
  readonly timestamp_ms: number;
  readonly metrics: string;
}

function checkDevice(db: Database, device: DeviceHistory, into: Findings): void {
  const { device_id } = device;
  const of = 'WHERE tenant_id = ? AND device_id = ?';
  const rows = db.prepare<string[], Row>(`SELECT timestamp_ms, metrics FROM telemetry ${of}`).all(TENANT, device_id);
  const points = rows.map(({ timestamp_ms, metrics }) => ({ timestamp_ms, metrics: Metrics.parse(metrics) }));
  comparePoints(device, points, into);
  const sum = (sql: string): number => db.prepare<string[], number>(sql).pluck().get(TENANT, device_id) ?? 0;
  const bytes = sum(`SELECT total(bytes) FROM telemetry_buckets ${of}`);
  const expected = rows.reduce((total, { metrics }) => total + pointBytes(metrics), 0);
  if (bytes !== expected) into.doubled.push(`${device_id}: ${bytes} bytes counted for ${expected}`);
  const there = sum(`SELECT count(*) FROM devices ${of}`);
  const told = sum(`SELECT count(*) FROM audit_log ${of} AND action = 'device.create'`);
  if (there !== told) into.doubled.push(`${device_id}: registered ${there} times, told ${told} times`);
  if (device.registration === 'ok' && there === 0) into.lost.push(`${device_id}: its registration`);
}

const Metrics = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.record(z.string(), z.unknown()));

/** What a dashboard is shown of these devices. */
export async function checkAnswers(operator: Caller, devices: readonly DeviceHistory[], into: Findings): Promise<void> {
  for (const device of devices) {
    if (device.registration !== 'ok') continue;
    const path = `/v1/telemetry/recent?device_id=${device.device_id}&limit=1000`;
    comparePoints(device, pageOf(await operator.get(path)).points, into);
  }
}
