import { ownSession, SessionAnswer, sessionRoute, type Door } from '@bas/core';

const get = sessionRoute(
  'account.own',
  {
    method: 'GET',
    path: '/v1/session',
    summary: 'Who is signed in, and until when',
    answer: { status: 200, description: 'The session', schema: SessionAnswer },
    problems: ['reauthentication_required'],
  },
  async (access) => ({ status: 200, body: await ownSession(access) }),
);

const session: Door = { name: 'session', routes: [get] };
export default session;
