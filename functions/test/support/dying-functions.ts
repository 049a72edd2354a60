/** Functions that fail where nobody catches it, each a while after it was asked, and one that answers. */
import { HealthAnswer, openRoute, type Door } from '@bas/core';
import { https } from '../../src/runtime.ts';

const SAID = 'usernames/acme~canary';

function failing(fail: () => void) {
  const summary = 'Fails behind its answer';
  const answer = { status: 200, description: 'Never sent', schema: HealthAnswer } as const;
  const get = openRoute({ method: 'GET', path: '/v1/health', summary, answer }, async () => {
    setTimeout(fail, 10);
    return new Promise<never>(() => undefined);
  });
  const door: Door = { name: 'failing', routes: [get] };
  return https(() => Promise.resolve({ default: door }));
}

export const throws = failing(() => {
  throw new Error(SAID);
});
export const rejects = failing(() => void Promise.reject(new Error(SAID)));
export const answers = https(() => import('../../src/https/health.ts'));
