/** Telemetry in the model: who may write and read what, and what the answer then is. */
import { HOUR_MS, MINUTE_MS } from '@bas/core/clock';
import { staleness } from '@bas/core/model/staleness';
import { deviceIdFor } from './choice.ts';
import { cursorFor, learnCursor, pageOf, scopeOf } from './cursors.ts';
import { DEVICE_FORBIDDEN, INVALID_CURSOR, refused, type Call, type Expected } from './expected.ts';
import type { Sender } from './guard.ts';
import type { Operation } from './operation.ts';
import { pointsIn, store, type SentPoint } from './points.ts';
import type { Model, ModelDevice } from './state.ts';

const TOUCH_MS = HOUR_MS;
const STEP_MS = 45 * MINUTE_MS;
const AHEAD_MS = 5 * MINUTE_MS;

export function post(model: Model, sender: Sender, { a, b, c }: Operation): Call {
  const device_id = deviceIdFor(model, sender, a);
  const points = sentPoints(model, sender.of.tenant_id, b, c);
  const overwrite = b % 7 === 0;
  return {
    method: 'POST',
    path: '/v1/telemetry',
    json: { device_id, points, overwrite },
    permission: 'telemetry.write',
    answer: (access) => {
      const device = model.device(access.tenant_id, device_id);
      const foreign = access.kind === 'key' && access.device_id !== device_id;
      if (foreign || device === undefined || device.disabled) return DEVICE_FORBIDDEN;
      if (access.kind === 'key') touch(device, access.key_id, model.now_ms);
      return receipt(device, points, overwrite, model.now_ms);
    },
  };
}

/** On a grid wide enough for two buckets and narrow enough that points meet; now and then out of all bounds. */
function sentPoints(model: Model, tenant_id: string, b: number, c: number): readonly SentPoint[] {
  const marker = model.markerOf(tenant_id);
  return Array.from({ length: 1 + (b % 3) }, (_, n) => {
    const at = c % 40 === 0 ? 100 * 24 * HOUR_MS : c % 40 === 1 ? -HOUR_MS : ((c + 5 * n) % 12) * STEP_MS;
    const from_ms = c % 40 < 2 ? model.now_ms : model.base_ms;
    return { timestamp_ms: from_ms - at, metrics: { s: marker, v: (b + n) % 4 } };
  });
}

function touch(device: ModelDevice, key_id: string, now_ms: number): void {
  const key = device.keys.find((one) => one.key_id === key_id);
  if (key === undefined || (key.last_used_ms !== null && now_ms - key.last_used_ms < TOUCH_MS)) return;
  key.last_used_ms = now_ms;
  device.last_seen_ms = now_ms;
}

function receipt(device: ModelDevice, points: readonly SentPoint[], overwrite: boolean, now_ms: number): Expected {
  const known = store(device, points, overwrite, now_ms);
  if (known === null) return refused(429, 'device_write_budget');
  if (known.accepted === 0 && known.duplicates === 0) return refused(422, 'nothing_accepted');
  return { status: 200, body: () => known };
}

export function recent(model: Model, sender: Sender, operation: Operation): Call {
  const limit = 1 + (operation.b % 2);
  const asked = { device_id: deviceIdFor(model, sender, operation.a), limit };
  const range = { start_ms: 0, end_ms: model.now_ms + AHEAD_MS + 1 };
  return pageCall(model, operation, { tenant_id: sender.of.tenant_id, name: 'recent', asked, range });
}

export function window(model: Model, sender: Sender, operation: Operation): Call {
  const { a, b, c } = operation;
  const start_ms = model.base_ms - (b % 12) * STEP_MS;
  const range = { start_ms, end_ms: start_ms + (1 + (c % 8)) * STEP_MS };
  const asked = { device_id: deviceIdFor(model, sender, a), limit: 1 + (b % 2), ...range };
  return pageCall(model, operation, { tenant_id: sender.of.tenant_id, name: 'window', asked, range });
}

interface Question {
  readonly tenant_id: string;
  readonly name: 'recent' | 'window';
  readonly asked: { readonly device_id: string; readonly limit: number };
  readonly range: { readonly start_ms: number; readonly end_ms: number };
}

function pageCall(model: Model, operation: Operation, { tenant_id, name, asked, range }: Question): Call {
  const { device_id, limit } = asked;
  const query = Object.entries(asked).map(([key, value]) => `${key}=${value}`);
  const scope = scopeOf(tenant_id, name, asked);
  const sent = cursorFor(model, operation, scope);
  return {
    method: 'GET',
    path: `/v1/telemetry/${name}?${query.join('&')}${sent.query}`,
    permission: 'telemetry.read',
    answer: () => {
      const device = model.device(tenant_id, device_id);
      if (device === undefined) return DEVICE_FORBIDDEN;
      if (sent.place.kind === 'wrong') return INVALID_CURSOR;
      const before_ms = sent.place.kind === 'start' ? range.end_ms : Number(sent.place.at);
      if (before_ms > range.end_ms) return INVALID_CURSOR;
      const { page, more, last } = pageOf(pointsIn(device, range.start_ms, before_ms), limit);
      return {
        status: 200,
        body: (answer) => ({ device_id, points: page, next_cursor: more ? answer.member('next_cursor') : null }),
        learn: learnCursor(model, scope, last?.timestamp_ms),
      };
    },
  };
}

export function latest(model: Model, sender: Sender, { a, b, c }: Operation): Call {
  const some = [...new Set([a, b].slice(0, 1 + (c % 2)).map((number) => deviceIdFor(model, sender, number)))];
  const named = c % 3 === 0 ? null : some;
  const points = c % 4;
  const query = [`points=${points}`, ...(named === null ? [] : [`device_ids=${named.join(',')}`])].join('&');
  return {
    method: 'GET',
    path: `/v1/telemetry/latest?${query}`,
    permission: 'telemetry.read',
    answer: ({ tenant_id }) => {
      const devices = named?.map((device_id) => model.device(tenant_id, device_id)) ?? model.devicesOf(tenant_id);
      const found = devices.filter((device) => device !== undefined);
      if (found.length < devices.length) return DEVICE_FORBIDDEN;
      return { status: 200, body: () => ({ devices: found.map((device) => row(device, points, model.now_ms)) }) };
    },
  };
}

function row(device: ModelDevice, points: number, now_ms: number) {
  const all = pointsIn(device, 0, now_ms + AHEAD_MS + 1);
  const newest = all[0];
  const age_ms = newest === undefined ? null : Math.max(0, now_ms - newest.timestamp_ms);
  const { device_id, name } = device;
  return {
    device_id,
    name,
    timestamp_ms: newest?.timestamp_ms ?? null,
    metrics: newest?.metrics ?? null,
    status: staleness(age_ms, null),
    age_ms,
    ...(points === 0 ? {} : { points: all.slice(0, points) }),
  };
}
