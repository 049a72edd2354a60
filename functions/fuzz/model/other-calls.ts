/** Routes of which the model knows who may ask, and whose data the answer may hold: the log, the usage, the cutover. */
import type { Answer } from '../../test/support/client.ts';
import type { Call } from './expected.ts';
import { refused } from './expected.ts';
import type { Operation } from './operation.ts';
import type { Model } from './state.ts';

export function audit(): Call {
  return {
    method: 'GET',
    path: '/v1/audit?limit=20',
    permission: 'audit.read',
    // Every event as it was answered, but with the tenant it must be of.
    answer: ({ tenant_id }) => ({ status: 200, body: (answer) => withMember(answer, 'events', { tenant_id }) }),
  };
}

export function usage(model: Model): Call {
  return {
    method: 'GET',
    path: '/v1/usage?limit=20',
    permission: 'usage.read',
    answer: ({ tenant_id }) => ({
      status: 200,
      body: (answer) => {
        const own = new Set<unknown>([null, ...model.devicesOf(tenant_id).map(({ device_id }) => device_id)]);
        const page = withMember(answer, 'usage', {});
        const rows = page['usage'];
        const kept = Array.isArray(rows) ? rows.filter((row: object) => own.has(Reflect.get(row, 'device_id'))) : rows;
        return { ...page, usage: kept };
      },
    }),
  };
}

export function cutover({ a }: Operation): Call {
  const shared = {
    path: '/v1/cutover',
    permission: 'cutover.run',
    answer: () => refused(403, 'role_required'),
  } as const;
  if (a % 2 === 0) return { method: 'GET', ...shared };
  return { method: 'POST', ...shared, json: { action: 'advance', concern: 'telemetry' } };
}

function withMember(answer: Answer, name: string, facts: object): Record<string, unknown> {
  const rows = answer.member(name);
  const whole = answer.json();
  if (!Array.isArray(rows) || typeof whole !== 'object' || whole === null) return {};
  return { ...whole, [name]: rows.map((row: object) => ({ ...row, ...facts })) };
}
