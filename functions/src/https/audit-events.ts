import { AuditListAnswer, auditPage, AuditQuery, sessionRoute, type Door } from '@bas/core';

const get = sessionRoute(
  'audit.read',
  {
    method: 'GET',
    path: '/v1/audit',
    summary: 'Who did what, newest first',
    query: AuditQuery,
    answer: { status: 200, description: 'A page of events', schema: AuditListAnswer },
    problems: ['invalid_cursor'],
  },
  async ({ stores }, { query }, visit) => ({ status: 200, body: await auditPage(stores, query, visit) }),
);

const auditEvents: Door = { name: 'auditEvents', routes: [get] };
export default auditEvents;
