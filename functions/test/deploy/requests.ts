/** One real request to each HTTPS function, by who may make it, and what a good answer holds. */
import type { Sending } from '../support/client.ts';
import type { SeededDevice } from '../support/seed.ts';

export interface FunctionRequest extends Pick<Sending, 'json'> {
  readonly name: string;
  readonly by: 'anybody' | 'device' | 'admin' | 'platform';
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly status: number;
  readonly body: RegExp;
}

/** Every HTTPS function except `login`, with which the caller signs in; `logout` comes last. */
export function requestsFor({ device_id }: SeededDevice, timestamp_ms: number): FunctionRequest[] {
  const admin = { by: 'admin', method: 'GET', status: 200 } as const;
  const anybody = { ...admin, by: 'anybody' } as const;
  const point = new RegExp(`"timestamp_ms":${timestamp_ms},"metrics":{"celsius":21.5}`);
  const json = { device_id, points: [{ timestamp_ms, metrics: { celsius: 21.5 } }] };
  const range = `start_ms=${timestamp_ms}&end_ms=${timestamp_ms + 1}`;
  return [
    {
      name: 'ingestTelemetry',
      by: 'device',
      method: 'POST',
      path: '/v1/telemetry',
      json,
      status: 200,
      body: /"accepted":1/,
    },
    { ...admin, name: 'recentTelemetry', path: `/v1/telemetry/recent?device_id=${device_id}`, body: point },
    { ...admin, name: 'windowTelemetry', path: `/v1/telemetry/window?device_id=${device_id}&${range}`, body: point },
    { ...admin, name: 'latestTelemetry', path: '/v1/telemetry/latest', body: /"metrics":{"celsius":21.5}/ },
    { ...admin, name: 'session', path: '/v1/session', body: /"role":"admin"/ },
    { ...admin, name: 'account', path: '/v1/account/sessions', body: /"sessions":\[{/ },
    { ...admin, name: 'devices', path: '/devices', body: new RegExp(`"device_id":"${device_id}"`) },
    { ...admin, name: 'users', path: '/users', body: /"users":\[{/ },
    { ...admin, name: 'auditEvents', path: '/v1/audit', body: /"action":"auth.login"/ },
    { ...admin, name: 'usage', path: '/v1/usage', body: /^{"usage":\[/ },
    { ...admin, by: 'platform', name: 'cutover', path: '/v1/cutover', body: /"finalized":(true|false)/ },
    { ...anybody, name: 'health', path: '/v1/health', body: /"status":"ok"/ },
    { ...anybody, name: 'openapi', path: '/v1/openapi.json', body: /"openapi":"3\.1\.0"/ },
    { name: 'logout', by: 'admin', method: 'POST', path: '/v1/logout', status: 204, body: /^$/ },
  ];
}
