import { clearSessionCookie, sessionRoute, signOut, type Door } from '@bas/core';

const post = sessionRoute(
  'account.own',
  {
    method: 'POST',
    path: '/v1/logout',
    summary: 'Sign out; the session is gone at once',
    always: true,
    answer: { status: 204, description: 'Signed out' },
  },
  async (access, _input, visit) => {
    await signOut(access, visit);
    return { status: 204, headers: { 'set-cookie': clearSessionCookie() } };
  },
);

const logout: Door = { name: 'logout', routes: [post] };
export default logout;
