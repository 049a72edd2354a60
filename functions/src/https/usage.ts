import { sessionRoute, UsageAnswer, usagePage, UsageQuery, type Door } from '@bas/core';

const get = sessionRoute(
  'usage.read',
  {
    method: 'GET',
    path: '/v1/usage',
    summary:
      'What the tenant used: documents read, written and deleted, and points stored, by day, function and device',
    query: UsageQuery,
    answer: { status: 200, description: 'A page of counts, oldest day first', schema: UsageAnswer },
    problems: ['invalid_cursor'],
  },
  async ({ stores }, { query }, visit) => ({ status: 200, body: await usagePage(stores, query, visit) }),
);

const usage: Door = { name: 'usage', routes: [get] };
export default usage;
