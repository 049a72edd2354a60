import { SessionAnswer, SignInBody, signInRoute, type Door } from '@bas/core';

const post = signInRoute(
  {
    method: 'POST',
    path: '/v1/login',
    summary: 'Sign in to the tenant in the header; sets the session cookie',
    body: SignInBody,
    answer: { status: 200, description: 'Who is signed in, and until when', schema: SessionAnswer },
    problems: ['invalid_credentials', 'body_too_large', 'unsupported_media_type', 'sign_in_throttled'],
  },
  async ({ signIn }, { body }) => {
    const { answer, cookie } = await signIn(body);
    return { status: 200, body: answer, headers: { 'set-cookie': cookie } };
  },
);

const login: Door = { name: 'login', routes: [post] };
export default login;
