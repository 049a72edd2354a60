import { healthOf, HealthAnswer, openRoute, type Door } from '@bas/core';

const get = openRoute(
  {
    method: 'GET',
    path: '/v1/health',
    summary: 'Whether this instance works, without asking the store',
    answer: { status: 200, description: 'Build, flags, gate and breakers', schema: HealthAnswer },
  },
  (_input, { config }) => Promise.resolve({ status: 200, body: healthOf(config) }),
);

const health: Door = { name: 'health', routes: [get] };
export default health;
