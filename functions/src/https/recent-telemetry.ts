import {
  cacheable,
  freshEnough,
  isLastHundred,
  PageAnswer,
  recentPage,
  RecentQuery,
  sessionRoute,
  type Door,
} from '@bas/core';

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
    const asked = [query.device_id];
    const fresh = freshEnough(visit, asked);
    if (fresh !== null) return fresh;
    const owned = await device(query.device_id);
    const { text } = await recentPage(stores, owned, query, visit);
    return { ...cacheable(visit, asked, text), last_hundred: isLastHundred(query) };
  },
);

const recentTelemetry: Door = { name: 'recentTelemetry', routes: [get] };
export default recentTelemetry;
