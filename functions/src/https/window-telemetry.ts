import { cacheable, freshEnough, PageAnswer, sessionRoute, windowPage, WindowQuery, type Door } from '@bas/core';

const get = sessionRoute(
  'telemetry.read',
  {
    method: 'GET',
    path: '/v1/telemetry/window',
    summary: 'The points of a device in a window of time, or their aggregates by interval',
    query: WindowQuery,
    answer: { status: 200, description: 'A page of points', schema: PageAnswer },
    problems: ['invalid_cursor', 'device_forbidden'],
  },
  async ({ stores, device }, { query }, visit) => {
    const asked = [query.device_id];
    const fresh = freshEnough(visit, asked);
    if (fresh !== null) return fresh;
    const owned = await device(query.device_id);
    return cacheable(visit, asked, (await windowPage(stores, owned, query, visit)).text);
  },
);

const windowTelemetry: Door = { name: 'windowTelemetry', routes: [get] };
export default windowTelemetry;
