/** Questions about what is another tenant's, each beside the same about what is nobody's. */
import { pick, type ModelSession } from '../model/state.ts';
import { populate } from '../model/populate.ts';
import { USER_AGENT } from '../model/guard.ts';
import type { BackendName } from '../model/phases.ts';
import { openWorld, type World } from '../model/world.ts';

export interface Question {
  readonly method: string;
  readonly path: string;
  readonly json?: unknown;
}

export const PAIR_NAMES = [
  'device in the path',
  'device in the query',
  'device in a list',
  'device in the body',
  'device key',
  'cursor',
  'user',
  'session',
] as const;
type PairName = (typeof PAIR_NAMES)[number];

export interface Pair {
  readonly foreign: Question;
  readonly nobodys: Question;
}

export interface Stranger {
  readonly world: World;
  readonly headers: Readonly<Record<string, string>>;
  readonly pairs: Readonly<Record<PairName, Pair>>;
  close(): Promise<void>;
}

/** An administrator of one tenant who has just signed in, and pairs of questions about another's. */
export async function openStranger(backend: BackendName): Promise<Stranger> {
  const world = await openWorld(backend === 'sqlite' ? 'box' : 'cloud');
  const model = await populate(world);
  const [own, other] = [pick(model.tenants, 0).tenant_id, pick(model.tenants, 1).tenant_id];
  const headers = headersOf(pick(sessionsOf(model.sessions, own), 0));
  const session = pick(sessionsOf(model.sessions, other), 0);
  const device = pick(model.devicesOf(other), 1);
  const own_device = pick(model.devicesOf(own), 0);
  const key_id = pick(device.keys, 0).key_id;
  const { user_id } = pick(model.usersOf(other), 0);
  const foreign_cursor = await cursorOf(world, headersOf(session), '/v1/users?limit=1');
  const own_cursor = await cursorOf(world, headers, '/v1/users?limit=2');
  const pair = (ask: (id: string) => Question, foreign: string, nobodys = unknown(foreign)): Pair => ({
    foreign: ask(foreign),
    nobodys: ask(nobodys),
  });
  const points = [{ timestamp_ms: model.base_ms, metrics: { v: 1 } }];
  const { device_id } = device;
  const keys = `/v1/devices/${own_device.device_id}/keys`;
  return {
    world,
    headers,
    close: () => world.close(),
    pairs: {
      'device in the path': pair((id) => get(`/v1/devices/${id}`), device_id),
      'device in the query': pair((id) => get(`/v1/telemetry/recent?device_id=${id}`), device_id),
      'device in a list': pair((id) => get(`/v1/telemetry/latest?device_ids=${id}`), device_id),
      'device in the body': pair((id) => post('/v1/telemetry', { device_id: id, points }), device_id),
      'device key': pair((id) => remove(`${keys}/${id}`), key_id, '0123456789abcdef'.repeat(2)),
      cursor: pair((text) => get(`/v1/users?limit=1&cursor=${text}`), foreign_cursor, own_cursor),
      user: pair((id) => patch(`/v1/users/${id}`, { disabled: true }), user_id, NO_UUID),
      session: pair((id) => remove(`/v1/account/sessions/${id}`), session.session_id, NO_UUID),
    },
  };
}

const NO_UUID = '3f8a52c6-9d41-4b7e-8c05-6e1f7d2a9b34';

/** As long as the id that there is. */
function unknown(id: string): string {
  return id.replaceAll(/./g, 'x');
}

function sessionsOf(sessions: readonly ModelSession[], tenant_id: string): readonly ModelSession[] {
  const newest = Math.max(...sessions.map(({ created_ms }) => created_ms));
  return sessions.filter((one) => one.tenant_id === tenant_id && one.role === 'admin' && one.created_ms === newest);
}

function headersOf({ tenant_id, token }: ModelSession): Readonly<Record<string, string>> {
  return { 'x-bas-tenant': tenant_id, 'user-agent': USER_AGENT, cookie: `__session=${token}` };
}

async function cursorOf({ server }: World, headers: Readonly<Record<string, string>>, path: string): Promise<string> {
  return String((await server.client.send('GET', path, { headers })).member('next_cursor'));
}

const get = (path: string): Question => ({ method: 'GET', path });
const remove = (path: string): Question => ({ method: 'DELETE', path });
const post = (path: string, json: unknown): Question => ({ method: 'POST', path, json });
const patch = (path: string, json: unknown): Question => ({ method: 'PATCH', path, json });
