/** Devices and their keys in the model. */
import type { Answer } from '../../test/support/client.ts';
import { DEVICE_IDS, deviceIdFor, idFor } from './choice.ts';
import { cursorFor, learnCursor, pageOf, scopeOf } from './cursors.ts';
import { DEVICE_FORBIDDEN, INVALID_CURSOR, NOT_FOUND, refused, type Call, type Expected } from './expected.ts';
import type { Sender } from './guard.ts';
import type { Operation } from './operation.ts';
import { pick, type Model, type ModelDevice } from './state.ts';

const MAX_LIVE_KEYS = 2;

function deviceAnswer({ device_id, name, disabled, last_seen_ms, keys }: ModelDevice) {
  const live = keys.map((key) => ({ ...key }));
  return { device_id, name, tags: {}, expected_interval_ms: null, disabled, last_seen_ms, keys: live };
}

function shownDevice({ device_id, name, disabled }: ModelDevice) {
  return { device_id, name, tags: {}, expected_interval_ms: null, disabled };
}

/** The list for whoever manages devices, and the one for whoever looks at telemetry. */
export function deviceList(model: Model, sender: Sender, operation: Operation, shown: boolean): Call {
  const limit = 1 + (operation.b % 2);
  const { tenant_id } = sender.of;
  const scope = scopeOf(tenant_id, shown ? 'shown' : 'devices', { limit });
  const { query, place } = cursorFor(model, operation, scope);
  return {
    method: 'GET',
    path: `${shown ? '/v1/telemetry/devices' : '/v1/devices'}?limit=${limit}${query}`,
    permission: shown ? 'telemetry.read' : 'devices.manage',
    answer: () => {
      if (place.kind === 'wrong') return INVALID_CURSOR;
      const after = place.kind === 'after' ? String(place.at) : '';
      const left = model.devicesOf(tenant_id).filter(({ device_id }) => device_id > after);
      const { page, more, last } = pageOf(left, limit);
      const devices = page.map(shown ? shownDevice : deviceAnswer);
      return {
        status: 200,
        body: (answer) => ({ devices, next_cursor: more ? answer.member('next_cursor') : null }),
        learn: learnCursor(model, scope, last?.device_id),
      };
    },
  };
}

export function oneDevice(model: Model, sender: Sender, { a }: Operation, shown: boolean): Call {
  const device_id = deviceIdFor(model, sender, a);
  return {
    method: 'GET',
    path: `${shown ? '/v1/telemetry/devices' : '/v1/devices'}/${device_id}`,
    permission: shown ? 'telemetry.read' : 'devices.manage',
    answer: ({ tenant_id }) => {
      const device = model.device(tenant_id, device_id);
      if (device === undefined) return DEVICE_FORBIDDEN;
      const body = shown ? shownDevice(device) : deviceAnswer(device);
      return { status: 200, body: () => body };
    },
  };
}

export function register(model: Model, { of }: Sender, device_id: string): Call {
  const name = `${device_id} ${model.markerOf(of.tenant_id)}`;
  return {
    method: 'POST',
    path: '/v1/devices',
    json: { device_id, name },
    permission: 'devices.manage',
    answer: ({ tenant_id }) => {
      if (model.device(tenant_id, device_id) !== undefined) return refused(409, 'already_exists');
      const device = newDevice(tenant_id, device_id, name);
      model.devices.push(device);
      return { status: 201, ...learnKey(model, device, true) };
    },
  };
}

export function anyDeviceId(number: number): string {
  return pick(DEVICE_IDS, number);
}

export function newDevice(tenant_id: string, device_id: string, name: string): ModelDevice {
  const budget = { minute: -1, used: 0 };
  return { tenant_id, device_id, name, disabled: false, last_seen_ms: null, keys: [], points: new Map(), budget };
}

/** The id and the text of a new key are the suite's to choose; all else of it is known. */
function learnKey(model: Model, device: ModelDevice, whole: boolean): Pick<Expected, 'body' | 'learn'> {
  const { tenant_id, device_id } = device;
  const created_ms = model.now_ms;
  const idIn = (answer: Answer): string => String(answer.member('key')).split('_')[1] ?? '';
  return {
    body: (answer) => {
      const key = answer.member('key');
      const info = { key_id: idIn(answer), created_ms, last_used_ms: null };
      return whole ? { ...deviceAnswer(device), keys: [info], key } : { ...info, key };
    },
    learn: (answer) => {
      const key_id = idIn(answer);
      device.keys.push({ key_id, created_ms, last_used_ms: null });
      const text = String(answer.member('key'));
      model.keys.push({ kind: 'key', tenant_id, device_id, key_id, text, revoked: false });
    },
  };
}

export function patchDevice(model: Model, device_id: string, patch: { disabled: boolean } | { name: string }): Call {
  return {
    method: 'PATCH',
    path: `/v1/devices/${device_id}`,
    json: patch,
    permission: 'devices.manage',
    answer: ({ tenant_id }) => {
      const device = model.device(tenant_id, device_id);
      if (device === undefined) return DEVICE_FORBIDDEN;
      Object.assign(device, patch);
      const body = deviceAnswer(device);
      return { status: 200, body: () => body };
    },
  };
}

export function issueKey(model: Model, sender: Sender, { a }: Operation): Call {
  const device_id = deviceIdFor(model, sender, a);
  return {
    method: 'POST',
    path: `/v1/devices/${device_id}/keys`,
    permission: 'devices.manage',
    answer: ({ tenant_id }) => {
      const device = model.device(tenant_id, device_id);
      if (device === undefined) return DEVICE_FORBIDDEN;
      if (device.keys.length >= MAX_LIVE_KEYS) return refused(409, 'precondition_failed');
      return { status: 201, ...learnKey(model, device, false) };
    },
  };
}

export function revokeKey(model: Model, sender: Sender, { a, b }: Operation): Call {
  const key_id = idFor(model.keys, sender.of, b, (key) => key.key_id).replaceAll('-', '');
  const of = model.keys.find((key) => key.key_id === key_id);
  // Usually by the device it belongs to, whoever's that is.
  const device_id = a % 3 > 0 && of !== undefined ? of.device_id : deviceIdFor(model, sender, a);
  return {
    method: 'DELETE',
    path: `/v1/devices/${device_id}/keys/${key_id}`,
    permission: 'devices.manage',
    answer: ({ tenant_id }) => {
      const device = model.device(tenant_id, device_id);
      if (device === undefined) return DEVICE_FORBIDDEN;
      const known = device.keys.some((key) => key.key_id === key_id);
      if (!known || of === undefined) return NOT_FOUND;
      of.revoked = true;
      device.keys = device.keys.filter((key) => key.key_id !== key_id);
      return { status: 204 };
    },
  };
}
