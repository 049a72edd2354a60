import { openApiDocument, openRoute, type Door } from '@bas/core';
import { doors } from '../doors.ts';

const get = openRoute(
  {
    method: 'GET',
    path: '/v1/openapi.json',
    summary: 'This description, generated from the schemas that validate requests',
    answer: { status: 200, description: 'An OpenAPI 3.1 document' },
  },
  async (_input, { config }) => {
    const loaded = await Promise.all(Object.values(doors).map(async (load) => (await load()).default));
    return { status: 200, body: openApiDocument(loaded, config) };
  },
);

const openapi: Door = { name: 'openapi', routes: [get] };
export default openapi;
