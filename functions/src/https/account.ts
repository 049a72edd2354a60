import {
  changePassword,
  clearSessionCookie,
  ListQuery,
  listSessions,
  PasswordChangeBody,
  revokeSession,
  SessionAnswer,
  SessionListAnswer,
  sessionRoute,
  type Door,
} from '@bas/core';

const password = sessionRoute(
  'account.own',
  {
    method: 'POST',
    path: '/v1/account/password',
    summary: 'Change your password; every other session ends and this one gets a new cookie',
    body: PasswordChangeBody,
    always: true,
    answer: { status: 200, description: 'The new session', schema: SessionAnswer },
    problems: [
      'invalid_credentials',
      'reauthentication_required',
      'body_too_large',
      'unsupported_media_type',
      'sign_in_throttled',
    ],
  },
  async (access, { body }, visit) => {
    const { answer, cookie } = await changePassword(access, body, visit);
    return { status: 200, body: answer, headers: { 'set-cookie': cookie } };
  },
);

const list = sessionRoute(
  'account.own',
  {
    method: 'GET',
    path: '/v1/account/sessions',
    summary: 'Your own live sessions, newest first',
    query: ListQuery,
    answer: { status: 200, description: 'A page of sessions', schema: SessionListAnswer },
    problems: ['invalid_cursor'],
  },
  async (access, { query }, visit) => ({ status: 200, body: await listSessions(access, query, visit) }),
);

const revoke = sessionRoute(
  'account.own',
  {
    method: 'DELETE',
    path: '/v1/account/sessions/{session_id}',
    summary: 'End one of your own sessions',
    answer: { status: 204, description: 'The session is gone' },
    problems: ['not_found'],
  },
  async (access, { params }, visit) => {
    const { own } = await revokeSession(access, params['session_id'] ?? '', visit);
    return own ? { status: 204, headers: { 'set-cookie': clearSessionCookie() } } : { status: 204 };
  },
);

const account: Door = { name: 'account', routes: [password, list, revoke] };
export default account;
