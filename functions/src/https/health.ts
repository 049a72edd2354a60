import { HealthAnswer, openRoute, type Door } from '@bas/core';

const get = openRoute(
  {
    method: 'GET',
    path: '/v1/health',
    summary: 'Whether this instance works, without asking Firestore',
    answer: {
      status: 200,
      description: 'Build, flags, gate and breakers; of a box that may move, what is still to deliver',
      schema: HealthAnswer,
    },
  },
  async (_input, visit) => ({ status: 200, body: await visit.health() }),
);

const health: Door = { name: 'health', routes: [get] };
export default health;
