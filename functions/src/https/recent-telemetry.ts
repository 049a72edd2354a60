import { cacheable, freshEnough, PageAnswer, recentPage, RecentQuery, sessionRoute, type Door } from '@bas/core';

const get = sessionRoute(
  'telemetry.read',
  {
    method: 'GET',
    path: '/v1/telemetry/recent',
    summary: 'The newest points of a device, newest first',
    query: RecentQuery,
    answer: { status: 200, description: 'A page of points', schema: PageAnswer },
    problems: ['invalid_cursor', 'device_forbidden'],
  },
  async ({ stores, device }, { query }, visit) => {
    const owned = await device(query.device_id);
    return freshEnough(visit) ?? cacheable(visit, (await recentPage(stores, owned, query, visit)).text);
  },
);

const recentTelemetry: Door = { name: 'recentTelemetry', routes: [get] };
export default recentTelemetry;
