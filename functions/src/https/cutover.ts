import { CutoverAnswer, CutoverBody, operatorRoute, type Door } from '@bas/core';

const get = operatorRoute(
  {
    method: 'GET',
    path: '/v1/cutover',
    summary: 'How far the home has moved to Firestore, and what stands in the way of the next step',
    answer: { status: 200, description: 'Where the cutover stands', schema: CutoverAnswer },
  },
  async ({ cutover }) => ({ status: 200, body: await cutover.status() }),
);

const post = operatorRoute(
  {
    method: 'POST',
    path: '/v1/cutover',
    summary: 'Advance a concern or roll it back, compare both stores, or finalize',
    body: CutoverBody,
    answer: { status: 200, description: 'Where the cutover stands afterwards', schema: CutoverAnswer },
    problems: ['precondition_failed'],
  },
  async ({ cutover }, { body }) => ({ status: 200, body: await cutover.act(body) }),
);

const cutover: Door = { name: 'cutover', routes: [get, post] };
export default cutover;
