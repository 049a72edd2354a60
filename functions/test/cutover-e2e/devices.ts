/** Devices that post all the time: new points, late ones into older buckets, and corrections of what they sent before. */
import { setTimeout as sleep } from 'node:timers/promises';
import { HOUR_MS, SECOND_MS } from '@bas/core/clock';
import type { Answer } from '../support/client.ts';
import type { SeededDevice } from '../support/seed.ts';
import type { Box } from './box.ts';
import { metricsOf, type Ledger, type Owner } from './ledger.ts';

/** A device may send 5 requests in each minute of the clock. */
const PAUSE_MS = 12_500;
const NEW = 60;
const LATE = 12;
const CORRECTED = 8;
const HISTORY_MS = 2 * HOUR_MS;

export interface DeviceLoad {
  readonly box: Box;
  readonly ledger: Ledger;
  /** Answers that no device should ever get: one line each. */
  readonly faults: string[];
}

export function ownerOf({ tenant_id, device_id }: Pick<SeededDevice, 'tenant_id' | 'device_id'>): Owner {
  return `${tenant_id}/${device_id}`;
}

/** Posts until `stopped`, one request at a time, each until it is acknowledged. */
export async function runDevice(load: DeviceLoad, device: SeededDevice, stopped: AbortSignal): Promise<void> {
  const owner = ownerOf(device);
  await pause(Math.random() * PAUSE_MS, stopped);
  for (let seq = 1; !stopped.aborted; seq += 1) {
    const times_ms = nextTimes(load.ledger.times(owner));
    await postUntilAcknowledged(load, device, times_ms, seq);
    load.ledger.acknowledge(owner, times_ms, seq);
    await pause(PAUSE_MS, stopped);
  }
}

function nextTimes(known: readonly number[]): readonly number[] {
  const now_ms = Date.now();
  const fresh = Array.from({ length: NEW }, (_, at) => now_ms - at);
  const latest_ms = now_ms - NEW - Math.floor(Math.random() * HISTORY_MS);
  const late = Array.from({ length: LATE }, (_, at) => latest_ms - at);
  const first = Math.floor(Math.random() * known.length);
  const corrected = known.slice(first, first + CORRECTED);
  return [...new Set([...fresh, ...late, ...corrected])];
}

async function postUntilAcknowledged(
  { box, faults }: DeviceLoad,
  device: SeededDevice,
  times_ms: readonly number[],
  seq: number,
): Promise<void> {
  const { tenant_id, device_id, key } = device;
  const metrics = metricsOf(ownerOf(device), seq);
  const headers = { 'x-bas-tenant': tenant_id, authorization: `Bearer ${key}` };
  const points = times_ms.map((timestamp_ms) => ({ timestamp_ms, metrics }));
  const sending = { headers, json: { device_id, overwrite: true, points } };
  for (;;) {
    const answer = await box.send('POST', '/v1/telemetry', sending);
    if (answer.status === 200) {
      if (countOf(answer) !== times_ms.length) faults.push(`${device_id}: ${answer.text}`);
      return;
    }
    // A request whose answer was lost with its process may have used up the minute.
    if (answer.status !== 429) faults.push(`${device_id}: ${answer.status} ${answer.text}`);
    await sleep(Number(answer.headers['retry-after'] ?? 1) * SECOND_MS);
  }
}

function countOf(answer: Answer): number {
  return Number(answer.member('accepted')) + Number(answer.member('duplicates'));
}

/** Waits, but not when it is over. */
export async function pause(duration_ms: number, stopped: AbortSignal): Promise<void> {
  await sleep(duration_ms, undefined, { signal: stopped }).catch(() => undefined);
}
