import {
  deviceAnswer,
  DeviceAnswer,
  DeviceBody,
  DeviceId,
  DeviceListAnswer,
  DevicePatchBody,
  issueDeviceKey,
  listDevices,
  ListQuery,
  NewDeviceAnswer,
  NewKeyAnswer,
  parseInput,
  registerDevice,
  revokeDeviceKey,
  sessionRoute,
  updateDevice,
  type Door,
} from '@bas/core';

const deviceIdOf = (params: Readonly<Record<string, string>>): string =>
  parseInput(params['device_id'], DeviceId, 'device_id');

const list = sessionRoute(
  'devices.manage',
  {
    method: 'GET',
    path: '/v1/devices',
    summary: 'The devices of the tenant, by id',
    query: ListQuery,
    answer: { status: 200, description: 'A page of devices', schema: DeviceListAnswer },
    problems: ['invalid_cursor'],
  },
  async ({ stores }, { query }, visit) => ({ status: 200, body: await listDevices(stores, query, visit) }),
);

const register = sessionRoute(
  'devices.manage',
  {
    method: 'POST',
    path: '/v1/devices',
    summary: 'Register a device; its key is shown once',
    body: DeviceBody,
    answer: { status: 201, description: 'The device and its key', schema: NewDeviceAnswer },
    problems: ['already_exists'],
  },
  async ({ stores }, { body }, visit) => ({ status: 201, body: await registerDevice(stores, body, visit) }),
);

const read = sessionRoute(
  'devices.manage',
  {
    method: 'GET',
    path: '/v1/devices/{device_id}',
    summary: 'One device',
    answer: { status: 200, description: 'The device', schema: DeviceAnswer },
    problems: ['device_forbidden'],
  },
  async ({ device }, { params }) => ({ status: 200, body: deviceAnswer(await device(deviceIdOf(params))) }),
);

const update = sessionRoute(
  'devices.manage',
  {
    method: 'PATCH',
    path: '/v1/devices/{device_id}',
    summary: 'Change name, tags, expected interval or whether the device is disabled',
    body: DevicePatchBody,
    answer: { status: 200, description: 'The device as it is now', schema: DeviceAnswer },
    problems: ['device_forbidden'],
  },
  async ({ stores, device }, { params, body }, visit) => {
    const { device_id } = await device(deviceIdOf(params));
    return { status: 200, body: await updateDevice(stores, device_id, body, visit) };
  },
);

const issueKey = sessionRoute(
  'devices.manage',
  {
    method: 'POST',
    path: '/v1/devices/{device_id}/keys',
    summary: 'Issue a further key for a device; it is shown once',
    answer: { status: 201, description: 'The key', schema: NewKeyAnswer },
    problems: ['device_forbidden', 'precondition_failed'],
  },
  async ({ stores, device }, { params }, visit) => {
    const { device_id } = await device(deviceIdOf(params));
    return { status: 201, body: await issueDeviceKey(stores, device_id, visit) };
  },
);

const revokeKey = sessionRoute(
  'devices.manage',
  {
    method: 'DELETE',
    path: '/v1/devices/{device_id}/keys/{key_id}',
    summary: 'Revoke a key of a device',
    answer: { status: 204, description: 'The key is gone' },
    problems: ['device_forbidden'],
  },
  async ({ stores, device }, { params }, visit) => {
    const { device_id } = await device(deviceIdOf(params));
    await revokeDeviceKey(stores, device_id, params['key_id'] ?? '', visit);
    return { status: 204 };
  },
);

const devices: Door = { name: 'devices', routes: [list, register, read, update, issueKey, revokeKey] };
export default devices;
