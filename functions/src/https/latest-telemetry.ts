import {
  allDevices,
  cacheable,
  freshEnough,
  LatestAnswer,
  latestOf,
  LatestQuery,
  sessionRoute,
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
    problems: ['device_forbidden', 'read_budget'],
  },
  async ({ stores, device }, { query }, visit) => {
    const { device_ids, points } = query;
    const fresh = freshEnough(visit, device_ids ?? null);
    if (fresh !== null) return fresh;
    const devices = device_ids === undefined ? await allDevices(stores) : await Promise.all(device_ids.map(device));
    const { text, validator } = await latestOf(stores, devices, points, visit.now_ms);
    const shown = devices.map(({ device_id }) => device_id);
    return cacheable(visit, shown, text, validator);
  },
);

const latestTelemetry: Door = { name: 'latestTelemetry', routes: [get] };
export default latestTelemetry;
