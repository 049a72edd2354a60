/** The tenant's devices, fetched once for all views: page by page where each costs a document read. */
import { signal } from '@preact/signals';
import { DeviceList, OneDevice, type Device } from './api/answers.ts';
import type { Client } from './api/client.ts';
import { Failure } from './api/failure.ts';
import { delay } from './lib/delay.ts';

/** With what signing in takes, and the newest values of a full screen, one fits into the first minute. */
const DEAR_PAGE = 16;
const CHEAP_PAGE = 1_000;
const WAIT_MS = 10_000;

export interface Fleet {
  /** By id. */
  readonly devices: readonly Device[];
  readonly state: 'loading' | 'waiting' | 'complete' | 'failed';
  /** What is waited for while `waiting`. */
  readonly failure: Failure | null;
}

const NONE: Fleet = { devices: [], state: 'loading', failure: null };

/** Of the session that is open: nothing of it outlives that. */
export const fleet = signal<Fleet>(NONE);
/** Devices that were asked for one by one: looking at one must not cost the reads of all. */
const lookedUp = signal<ReadonlyMap<string, Device>>(new Map());

let owner: Client | null = null;
let loading: AbortController | null = null;

/** As far as it is known so far. */
export function knownDevice(device_id: string): Device | undefined {
  return fleet.value.devices.find((device) => device.device_id === device_id) ?? lookedUp.value.get(device_id);
}

/** Makes sure that one device is known; without it a view goes on with what holds for most. */
export async function lookUp(client: Client, device_id: string, stop: AbortSignal): Promise<void> {
  belongTo(client);
  if (fleet.peek().devices.some((device) => device.device_id === device_id)) return;
  const { body } = await client.get(`/v1/telemetry/devices/${encodeURIComponent(device_id)}`, OneDevice, stop);
  lookedUp.value = new Map([...lookedUp.value, [device_id, body]]);
}

/** Loads the devices unless that was done, or is under way, in the same session. */
export function loadFleet(client: Client): void {
  belongTo(client);
  if (loading === null || fleet.peek().state === 'failed') reloadFleet(client);
}

/** Loads them anew; those that are shown stay until the new ones are whole. */
export function reloadFleet(client: Client): void {
  belongTo(client);
  loading?.abort();
  loading = new AbortController();
  const stop = AbortSignal.any([loading.signal, client.closed]);
  loadAll(client, stop).catch(() => {
    if (!stop.aborted) fleet.value = { ...fleet.value, state: 'failed' };
  });
}

/** A device as it was just registered or changed: no reason to read the others again. */
export function keepDevice(device: Device): void {
  const others = fleet.value.devices.filter(({ device_id }) => device_id !== device.device_id);
  const devices = [...others, device].sort((a, b) => (a.device_id < b.device_id ? -1 : 1));
  fleet.value = { ...fleet.value, devices };
}

function belongTo(client: Client): void {
  if (owner === client) return;
  owner = client;
  forget();
  client.closed.addEventListener('abort', forget, { once: true });
}

function forget(): void {
  loading?.abort();
  loading = null;
  fleet.value = NONE;
  lookedUp.value = new Map();
}

async function loadAll(client: Client, stop: AbortSignal): Promise<void> {
  const found: Device[] = [];
  let limit = DEAR_PAGE;
  let cursor: string | null = null;
  for (;;) {
    const { body, reads } = await pageOf(client, listPath(limit, cursor), stop);
    cursor = body.next_cursor;
    if (cursor !== null && reads === 0 && limit === DEAR_PAGE) {
      // A cursor belongs to its limit: where nothing costs reads, one larger page begins anew.
      limit = CHEAP_PAGE;
      cursor = null;
      continue;
    }
    found.push(...body.devices);
    if (cursor === null || found.length >= fleet.peek().devices.length) {
      fleet.value = { devices: [...found], state: cursor === null ? 'complete' : 'loading', failure: null };
    }
    if (cursor === null) return;
    // The values of the devices that are known go before further devices.
    if (limit === DEAR_PAGE) await delay(WAIT_MS, stop);
  }
}

function listPath(limit: number, cursor: string | null): string {
  return `/v1/telemetry/devices?limit=${limit}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
}

async function pageOf(client: Client, path: string, stop: AbortSignal) {
  for (;;) {
    try {
      return await client.get(path, DeviceList, stop);
    } catch (error) {
      if (!(error instanceof Failure) || !error.isPassing) throw error;
      fleet.value = { ...fleet.peek(), state: 'waiting', failure: error };
      await delay(error.retry_after_ms ?? WAIT_MS, stop);
    }
  }
}
