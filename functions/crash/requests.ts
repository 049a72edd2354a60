/** Every kind of request that is broken at each of its calls, and how to see what came of it. */
import type { Answer } from '../test/support/client.ts';
import { changing, type Asked } from './changing.ts';
import { reading, telemetryReading } from './reading.ts';
import { expectOk, point, postPoints, type Scene } from './scene.ts';

/** Makes what the request needs, then hands out the request. */
export type Kind = (scene: Scene) => Promise<Asked>;

export const KINDS: Readonly<Record<string, Kind>> = {
  'points into a new bucket': (scene) => Promise.resolve(posting(scene, [30])),
  'points into old and new buckets': (scene) => Promise.resolve(posting(scene, [0, 1, 40])),
  'points of a device that was not heard before': async (scene) => {
    const { stage, tenant_id } = scene;
    const device = await stage.server.seed.device({ tenant_id, device_id: 'fan' });
    return posting({ ...scene, device }, [0, 40]);
  },
  'sign-in': ({ stage, tenant_id, from, admin: { username, password } }) => {
    const headers = { 'x-bas-tenant': tenant_id, 'user-agent': 'Mozilla/5.0 Firefox/140.0' };
    const ask = () => stage.server.client.send('POST', '/v1/login', { from, headers, json: { username, password } });
    const sessions = async () => (await stage.raw.sessions(tenant_id)).length;
    return changing(stage, tenant_id, { ask, count: sessions, action: 'auth.login', done: 200, repeats: true });
  },
  'sign-in with a wrong password': ({ stage, tenant_id, from, admin: { username } }) => {
    const headers = { 'x-bas-tenant': tenant_id };
    const json = { username, password: 'not the password at all' };
    const ask = () => stage.server.client.send('POST', '/v1/login', { from, headers, json });
    const told = async () =>
      (await stage.raw.auditEvents(tenant_id)).filter(({ outcome }) => outcome === 'failure').length;
    const effect = async () => ({ changed: await told(), told: null });
    return Promise.resolve({ ask, shown: () => null, effect, done: [401], again: [401], repeats: true });
  },
  'sign-out': ({ stage, tenant_id, browser }) => {
    const ask = () => browser.post('/v1/logout');
    const gone = async () => -(await stage.raw.sessions(tenant_id)).length;
    return changing(stage, tenant_id, { ask, count: gone, action: 'auth.logout', done: 204, again: 401 });
  },
  'go on from another network': async ({ stage, tenant_id, browser }) => {
    const ask = () => browser.get('/v1/session', { from: '127.200.0.1' });
    const networks = async () => (await stage.raw.sessions(tenant_id)).map(({ fingerprint }) => fingerprint.network);
    const [before] = await networks();
    const count = async () => (await networks()).filter((network) => network !== before).length;
    return changing(stage, tenant_id, { ask, count, action: 'auth.login', done: 200 });
  },
  'register a device': ({ stage, tenant_id, browser }) => {
    const ask = () => browser.post('/v1/devices', { device_id: 'new' });
    const count = async () => ((await stage.raw.device(tenant_id, 'new')) === null ? 0 : 1);
    return changing(stage, tenant_id, { ask, count, action: 'device.create', done: 201, again: 409 });
  },
  'change a device': ({ stage, tenant_id, browser }) => {
    const ask = () => browser.patch('/v1/devices/pump', { name: 'Big pump' });
    const count = async () => ((await stage.raw.device(tenant_id, 'pump'))?.name === 'Big pump' ? 1 : 0);
    return changing(stage, tenant_id, { ask, count, action: 'device.update', done: 200, repeats: true });
  },
  'issue a key': ({ stage, tenant_id, browser }) => {
    const ask = () => browser.post('/v1/devices/pump/keys');
    const count = async () => (await stage.raw.keys(tenant_id, 'pump')).length;
    // A key whose answer was lost counts towards the two that a device may have: its owner revokes it.
    return changing(stage, tenant_id, { ask, count, action: 'key.issue', done: 201, again: 409, repeats: true });
  },
  'revoke a key': async ({ stage, tenant_id, browser }) => {
    const key_id = String(expectOk(await browser.post('/v1/devices/pump/keys')).member('key_id'));
    const ask = () => browser.delete(`/v1/devices/pump/keys/${key_id}`);
    const isRevoked = async () =>
      (await stage.raw.keys(tenant_id, 'pump')).filter(({ revoked_ms }) => revoked_ms !== null).length;
    return changing(stage, tenant_id, { ask, count: isRevoked, action: 'key.revoke', done: 204, again: 404 });
  },
  'create a user': ({ stage, tenant_id, browser }) => {
    const ask = () =>
      browser.post('/v1/users', { username: 'eve', password: 'a long password of eve', role: 'viewer' });
    return changing(stage, tenant_id, {
      ask,
      count: usersOf(stage, tenant_id),
      action: 'user.create',
      done: 201,
      again: 409,
    });
  },
  'change a user': async ({ stage, tenant_id, browser }) => {
    const { user_id } = await stage.server.seed.user({ tenant_id, role: 'viewer' });
    const ask = () => browser.patch(`/v1/users/${user_id}`, { role: 'operator' });
    const count = async () => {
      const user = (await stage.raw.users(tenant_id)).find((one) => one.user_id === user_id);
      return user?.role === 'operator' ? 1 : 0;
    };
    return changing(stage, tenant_id, { ask, count, action: 'user.update', done: 200, repeats: true });
  },
  'change a password': ({ stage, tenant_id, browser, from, admin: { user_id, password } }) => {
    const json = { current_password: password, new_password: 'another long password' };
    const ask = () => browser.post('/v1/account/password', json, { from });
    let before: string | undefined;
    const hash = async () => (await stage.raw.users(tenant_id)).find((one) => one.user_id === user_id)?.password_hash;
    const count = async () => ((before ??= await hash()) === (await hash()) ? 0 : 1);
    return changing(stage, tenant_id, { ask, count, action: 'auth.password_change', done: 200, again: 401 });
  },
  'end a session': async ({ stage, tenant_id, browser, from, admin }) => {
    await stage.server.signIn(admin, { from });
    const sessions = await stage.raw.sessions(tenant_id);
    const listed = expectOk(await browser.get('/v1/account/sessions')).text;
    const [, own] = /"session_id":"([^"]+)"[^}]*"current":true/.exec(listed) ?? [];
    const other = sessions.find(({ session_id }) => session_id !== own)?.session_id ?? '';
    const ask = () => browser.delete(`/v1/account/sessions/${other}`);
    const gone = async () => -(await stage.raw.sessions(tenant_id)).length;
    return changing(stage, tenant_id, { ask, count: gone, action: 'session.revoke', done: 204, again: 404 });
  },
  'read the newest points': telemetryReading(() => '/v1/telemetry/recent?device_id=pump'),
  'read a window': telemetryReading((now_ms) => {
    const range = `start_ms=${now_ms - 2 * 86_400_000}&end_ms=${now_ms + 1}`;
    return `/v1/telemetry/window?device_id=pump&${range}`;
  }),
  'read the latest of all devices': telemetryReading(() => '/v1/telemetry/latest'),
  'read the audit log': reading('/v1/audit'),
  'list devices': reading('/v1/devices'),
  'list users': reading('/v1/users'),
  'list own sessions': reading('/v1/account/sessions'),
  'who is signed in': reading('/v1/session'),
};

function usersOf({ raw }: Scene['stage'], tenant_id: string): () => Promise<number> {
  return async () => (await raw.users(tenant_id)).length;
}

/** Points so many hours ago. Sent again they are duplicates, and there is one of each. */
function posting(scene: Scene, hours: readonly number[]): Asked {
  const { stage, tenant_id, device } = scene;
  const now_ms = stage.server.clock.now_ms();
  const points = hours.map((hour) => point(now_ms - hour * 3_600_000 - 1, hour));
  const effect = async () => {
    const stored = await stage.raw.points(tenant_id, device.device_id);
    const of = (time_ms: number) => stored.filter(({ timestamp_ms }) => timestamp_ms === time_ms);
    const found = points.map(({ timestamp_ms }) => of(timestamp_ms));
    const counts = new Set(found.map(({ length }) => length));
    const isRight = found.every((same, at) =>
      same.every(({ metrics }) => metrics === JSON.stringify(points[at]?.metrics)),
    );
    // Half of a request, or other values than were sent, is no number of times.
    const [changed = 0] = counts;
    return { changed: isRight && counts.size === 1 ? changed : Number.NaN, told: null };
  };
  const ask = (): Promise<Answer> => postPoints(scene, points);
  return { ask, shown: () => null, effect, done: [200], again: [200], repeats: false };
}
