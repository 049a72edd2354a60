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
    problems: ['device_forbidden'],
  },
  async ({ stores, device }, { query }, visit) => {
    const { device_ids, points } = query;
    // Devices that are named are checked first; without names there is none to check, and nothing to read for a 304.
    const named = device_ids === undefined ? null : await Promise.all(device_ids.map(device));
    const fresh = freshEnough(visit);
    if (fresh !== null) return fresh;
    const devices = named ?? (await allDevices(stores));
    const { text, validator } = await latestOf(stores, devices, points, visit.now_ms);
    return cacheable(visit, text, validator);
  },
);

const latestTelemetry: Door = { name: 'latestTelemetry', routes: [get] };
export default latestTelemetry;
