/** A right request for every route, for tests that ask all of them. */
import { PASSWORD } from '../../fuzz/model/user-calls.ts';

/** What the path, query or body names, and what a stranger is told who names it. */
export type Named = 'device' | 'user' | 'session';

export interface RouteRequest {
  readonly query?: string;
  readonly json?: unknown;
  readonly names?: Named;
  /** What who may ask is answered, where it is not what the route is for. */
  readonly status?: number;
}

/** Objects of the tenant that the requests are about. */
export interface RouteObjects {
  readonly now_ms: number;
  readonly device_id: string;
  readonly username: string;
  readonly new_device_id: string;
}

/** By method and path as the route has them; a route that is missing here fails the matrix. */
export function routeRequests(objects: RouteObjects): Readonly<Record<string, RouteRequest>> {
  const { now_ms, device_id, username, new_device_id } = objects;
  const window = `device_id=${device_id}&start_ms=${now_ms - 1_000}&end_ms=${now_ms}`;
  const points = [{ timestamp_ms: now_ms, metrics: { v: 1 } }];
  return {
    'POST /v1/telemetry': { json: { device_id, points }, names: 'device' },
    'GET /v1/telemetry/recent': { query: `device_id=${device_id}`, names: 'device' },
    'GET /v1/telemetry/window': { query: window, names: 'device' },
    'GET /v1/telemetry/latest': { query: `device_ids=${device_id}`, names: 'device' },
    'GET /v1/telemetry/devices': {},
    'GET /v1/telemetry/devices/{device_id}': { names: 'device' },
    'POST /v1/login': { json: { username, password: PASSWORD } },
    'POST /v1/logout': {},
    'GET /v1/session': {},
    'POST /v1/account/password': { json: { current_password: PASSWORD, new_password: PASSWORD } },
    'GET /v1/account/sessions': {},
    'DELETE /v1/account/sessions/{session_id}': { names: 'session' },
    'GET /v1/devices': {},
    'POST /v1/devices': { json: { device_id: new_device_id } },
    'GET /v1/devices/{device_id}': { names: 'device' },
    'PATCH /v1/devices/{device_id}': { json: { name: 'renamed' }, names: 'device' },
    'POST /v1/devices/{device_id}/keys': { names: 'device' },
    'DELETE /v1/devices/{device_id}/keys/{key_id}': { names: 'device' },
    'GET /v1/users': {},
    'POST /v1/users': { json: { username: `new-${username}`, password: PASSWORD, role: 'viewer' } },
    'PATCH /v1/users/{user_id}': { json: { role: 'viewer' }, names: 'user' },
    'GET /v1/audit': {},
    'GET /v1/usage': {},
    'GET /v1/cutover': {},
    // Neither home of these tests has anywhere to move to.
    'POST /v1/cutover': { json: { action: 'compare' }, status: 409 },
    'GET /v1/health': {},
    'GET /v1/openapi.json': {},
  };
}
