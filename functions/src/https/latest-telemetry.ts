import {
  allDevices,
  askWithin,
  cacheable,
  DeviceId,
  freshEnough,
  LatestAnswer,
  latestOf,
  LatestQuery,
  ListQuery,
  listShownDevices,
  parseInput,
  sessionRoute,
  shownDevice,
  ShownDeviceAnswer,
  ShownDeviceListAnswer,
  type Door,
} from '@bas/core';

const get = sessionRoute(
  'telemetry.read',
  {
    method: 'GET',
    path: '/v1/telemetry/latest',
    summary: 'The newest point of every device, with its staleness',
    query: LatestQuery,
    answer: { status: 200, description: 'Devices with their newest point', schema: LatestAnswer },
    problems: ['device_forbidden'],
  },
  async ({ stores, device }, { query }, visit) => {
    const { device_ids, points } = query;
    const fresh = freshEnough(visit, device_ids ?? null);
    if (fresh !== null) return fresh;
    const devices = device_ids === undefined ? await allDevices(stores) : await Promise.all(device_ids.map(device));
    const { text, validator } = await latestOf(stores, devices, points, visit);
    const shown = devices.map(({ device_id }) => device_id);
    return cacheable(visit, shown, text, validator);
  },
);

const list = sessionRoute(
  'telemetry.read',
  {
    method: 'GET',
    path: '/v1/telemetry/devices',
    summary: 'The devices that there is telemetry to see of, by id: what a page needs before it asks for some of them',
    query: ListQuery,
    answer: { status: 200, description: 'A page of devices', schema: ShownDeviceListAnswer },
    problems: ['invalid_cursor'],
  },
  async ({ stores }, { query }, visit) => {
    askWithin(visit, query.limit + 1);
    return { status: 200, body: await listShownDevices(stores, query, visit) };
  },
);

const one = sessionRoute(
  'telemetry.read',
  {
    method: 'GET',
    path: '/v1/telemetry/devices/{device_id}',
    summary: 'One of them',
    answer: { status: 200, description: 'The device', schema: ShownDeviceAnswer },
    problems: ['device_forbidden'],
  },
  async ({ device }, { params }, visit) => {
    const device_id = parseInput(params['device_id'], DeviceId, 'device_id');
    askWithin(visit, 1);
    return { status: 200, body: shownDevice(await device(device_id)) };
  },
);

const latestTelemetry: Door = { name: 'latestTelemetry', routes: [get, list, one] };
export default latestTelemetry;
