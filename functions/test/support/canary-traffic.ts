/** A visit to every door, with success and with refusal, by somebody all of whose words are canaries. */
import assert from 'node:assert/strict';
import type { Demo } from '@bas/core/demo/file';
import type { Door } from '@bas/core';
import { actionOf } from '@bas/core/http/request-log';
import { CANARY, type CanarySender } from './canary.ts';

type Headers = Readonly<Record<string, string>>;
type Step = readonly [method: string, path: string, status: number, json?: unknown];

async function walk(sender: CanarySender, headers: Headers, steps: readonly Step[]): Promise<void> {
  for (const [method, path, status, json] of steps) {
    const answer = await sender.send(method, path, json === undefined ? { headers } : { headers, json });
    assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
  }
}

/** The canary's owner: an operator made by the tenant's administrator, with a device full of canaries. */
export async function canaryTraffic(sender: CanarySender, demo: Demo): Promise<void> {
  const [acme] = demo.tenants;
  const administrator = acme?.users.find(({ role }) => role === 'admin');
  const [device] = acme?.devices ?? [];
  assert.ok(acme !== undefined && administrator !== undefined && device !== undefined);
  const admin = await sender.signIn(acme.tenant_id, administrator.username, administrator.password);
  await people(sender, admin, acme.tenant_id);
  await devices(sender, admin);
  // Signed in anew: what a session has read at the doors before is part of its read budget.
  await points(
    sender,
    await sender.signIn(acme.tenant_id, administrator.username, administrator.password),
    { 'x-bas-tenant': acme.tenant_id, authorization: `Bearer ${device.key}` },
    device.device_id,
  );
  await strangers(sender, acme.tenant_id);
  const { platform_admin } = demo;
  const operator = await sender.signIn(platform_admin.tenant_id, platform_admin.username, platform_admin.password);
  await walk(sender, operator, [
    ['GET', '/v1/cutover', 200],
    ['GET', `/v1/cutover?${CANARY.query}=${CANARY.query}`, 400],
    ['POST', '/v1/cutover', 409, { action: 'rollback', concern: 'telemetry', reason: CANARY.mail }],
    ['POST', '/v1/cutover', 400, { action: CANARY.tag }],
  ]);
  await walk(sender, admin, [
    ['GET', '/v1/cutover', 403],
    ['GET', '/v1/audit?limit=1000', 200],
    ['GET', `/v1/audit?cursor=${CANARY.query}`, 400],
    ['POST', '/v1/logout', 204],
    ['POST', '/v1/logout', 401],
  ]);
}

async function people(sender: CanarySender, admin: Headers, tenant_id: string): Promise<void> {
  const { username, password, new_password, wrong_password } = CANARY;
  await walk(sender, admin, [
    ['POST', '/v1/users', 201, { username, password, role: 'viewer' }],
    ['POST', '/v1/users', 409, { username, password, role: 'viewer' }],
    ['GET', '/v1/users', 200],
    ['GET', `/v1/users?cursor=${CANARY.query}`, 400],
    ['PATCH', `/v1/users/${CANARY.path}`, 404, { disabled: true }],
    ['POST', '/v1/login', 401, { username, password: wrong_password }],
    ['POST', '/v1/login', 401, { username: CANARY.mistyped, password }],
    ['POST', '/v1/login', 400, { username, password, [CANARY.tag]: CANARY.mail }],
  ]);
  const own = await sender.signIn(tenant_id, username, password);
  const session: unknown = (await sender.send('GET', '/v1/session', { headers: own })).member('user');
  const user_id = String(Reflect.get(Object(session), 'user_id'));
  await walk(sender, own, [
    ['GET', '/v1/session', 200],
    ['GET', `/v1/session?${CANARY.query}=${CANARY.mail}`, 400],
    ['GET', '/v1/users', 403],
    ['GET', '/v1/account/sessions', 200],
    ['GET', `/v1/account/sessions?cursor=${CANARY.query}`, 400],
    ['DELETE', `/v1/account/sessions/${CANARY.path}`, 404],
    ['POST', '/v1/account/password', 401, { current_password: wrong_password, new_password }],
    ['POST', '/v1/account/password', 200, { current_password: password, new_password }],
    ['POST', '/v1/account/password', 401, { current_password: password, new_password }],
  ]);
  const again = await sender.signIn(tenant_id, username, new_password);
  const list = await sender.send('GET', '/v1/account/sessions', { headers: again });
  const session_id = /"session_id":"([^"]+)"/.exec(list.text)?.[1] ?? '';
  await walk(sender, again, [['DELETE', `/v1/account/sessions/${session_id}`, 204]]);
  await walk(sender, admin, [['PATCH', `/v1/users/${user_id}`, 200, { disabled: true }]]);
}

async function devices(sender: CanarySender, admin: Headers): Promise<void> {
  const tags = { [CANARY.tag]: CANARY.mail };
  await walk(sender, admin, [
    ['POST', '/v1/devices', 201, { device_id: 'room-9', name: CANARY.mail, tags }],
    ['POST', '/v1/devices', 409, { device_id: 'room-9', name: CANARY.mail, tags }],
    ['GET', '/v1/devices', 200],
    ['GET', `/v1/devices?cursor=${CANARY.query}`, 400],
    ['GET', '/v1/devices/room-9', 200],
    ['GET', `/v1/devices/${CANARY.path}`, 403],
    ['PATCH', '/v1/devices/room-9', 200, { name: CANARY.tag, tags }],
    ['PATCH', `/v1/devices/${CANARY.path}`, 403, { name: CANARY.tag }],
    ['POST', `/v1/devices/${CANARY.path}/keys`, 403],
    ['DELETE', `/v1/devices/${CANARY.path}/keys/${CANARY.path}`, 403],
  ]);
  const issued = await sender.send('POST', '/v1/devices/room-9/keys', { headers: admin });
  assert.equal(issued.status, 201, issued.text);
  const key_id = /bas_([0-9a-f]{32})_/.exec(issued.text)?.[1] ?? '';
  await walk(sender, admin, [['DELETE', `/v1/devices/room-9/keys/${key_id}`, 204]]);
}

async function points(sender: CanarySender, admin: Headers, device: Headers, device_id: string): Promise<void> {
  const point = { timestamp_ms: Date.now(), metrics: { [CANARY.query]: 1 } };
  const wrong = { ...device, authorization: `Bearer ${CANARY.wrong_key}` };
  await walk(sender, device, [
    ['POST', '/v1/telemetry', 200, { device_id, points: [point] }],
    ['POST', '/v1/telemetry', 403, { device_id: CANARY.path, points: [point] }],
    ['POST', '/v1/telemetry', 400, { device_id, points: [{ ...point, [CANARY.tag]: CANARY.mail }] }],
  ]);
  await walk(sender, wrong, [['POST', '/v1/telemetry', 401, { device_id, points: [point] }]]);
  const now_ms = Date.now();
  const window = `device_id=${device_id}&start_ms=${String(now_ms - 60_000)}&end_ms=${String(now_ms)}`;
  await walk(sender, admin, [
    ['GET', `/v1/telemetry/recent?device_id=${device_id}`, 200],
    ['GET', `/v1/telemetry/recent?device_id=${CANARY.query}`, 403],
    ['GET', `/v1/telemetry/window?${window}`, 200],
    ['GET', `/v1/telemetry/window?${window}&cursor=${CANARY.query}`, 400],
    ['GET', '/v1/telemetry/latest', 200],
    ['GET', `/v1/telemetry/latest?device_ids=${CANARY.query}`, 403],
  ]);
}

async function strangers(sender: CanarySender, tenant_id: string): Promise<void> {
  const own = { 'x-bas-tenant': tenant_id };
  const cookie = { ...own, cookie: `__session=${CANARY.wrong_token}` };
  await walk(sender, cookie, [['GET', '/v1/session', 401]]);
  await walk(sender, { 'x-bas-tenant': CANARY.tenant }, [
    ['POST', '/v1/login', 401, { username: CANARY.mistyped, password: CANARY.password }],
    ['GET', '/v1/session', 401],
  ]);
  await walk(sender, own, [
    ['GET', '/v1/health', 200],
    ['GET', `/v1/health?${CANARY.query}=${CANARY.mail}`, 400],
    ['GET', '/v1/openapi.json', 200],
    ['GET', `/v1/openapi.json?${CANARY.query}`, 400],
    ['GET', '/', 200],
    ['POST', `/?${CANARY.query}`, 405],
    ['GET', `/${CANARY.path}?${CANARY.query}=${CANARY.mail}`, 404],
    ['DELETE', `/v1/login?${CANARY.query}`, 405],
    ['OPTIONS', `/v1/login?${CANARY.query}`, 405],
  ]);
  const body = `{"username":"${CANARY.mistyped}","password":"${CANARY.password}"`;
  const headers = { ...own, 'content-type': 'application/json' };
  assert.equal((await sender.send('POST', '/v1/login', { headers, body })).status, 400);
}

/** Routes that the walk above does not know of, visited by an administrator with canaries in their place. */
export async function visitOthers(
  sender: CanarySender,
  demo: Demo,
  doors: readonly Door[],
  seen: ReadonlySet<string>,
): Promise<void> {
  const [acme] = demo.tenants;
  const administrator = acme?.users.find(({ role }) => role === 'admin');
  assert.ok(acme !== undefined && administrator !== undefined);
  const headers = await sender.signIn(acme.tenant_id, administrator.username, administrator.password);
  for (const route of doors.flatMap(({ routes }) => routes)) {
    if (seen.has(actionOf(route))) continue;
    const { method, path } = route;
    const filled = path.replaceAll(/\{\w+\}/g, CANARY.path);
    await sender.send(method, `${filled}?${CANARY.query}=${CANARY.mail}`, { headers });
    await sender.send(method, filled, { headers });
  }
}
