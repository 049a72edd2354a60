/** Tenants of a run's own, put into the real stores: people of every role with sessions, and devices with keys. */
import { randomUUID } from 'node:crypto';
import { HOUR_MS } from '@bas/core/clock';
import { sha256 } from '@bas/core/ids';
import { Meter } from '@bas/core/observability/meter';
import { fingerprintOf } from '@bas/core/sessions/fingerprint';
import type { Role } from '@bas/core/model/role';
import { newDeviceKey } from '@bas/core/tenancy/device-key';
import type { TestServer } from '../../test/support/server.ts';
import { anEvent } from '@bas/core/stores/suite/fixtures';
import { DEVICE_IDS } from './choice.ts';
import { newDevice } from './device-calls.ts';
import { USER_AGENT } from './guard.ts';
import { Model, type ModelDevice, type ModelSession, type ModelUser } from './state.ts';
import { PASSWORD } from './user-calls.ts';
import type { World } from './world.ts';

const TENANTS = ['a', 'b', 'c'] as const;
const PEOPLE: readonly (readonly [name: string, role: Role, sessions: number])[] = [
  ['viewer', 'viewer', 1],
  ['operator', 'operator', 2],
  ['admin', 'admin', 2],
  ['deputy', 'admin', 1],
];

export async function populate(world: World): Promise<Model> {
  const { server } = world;
  const stores = await server.seed.stores();
  const model = new Model(server.clock, async (token) => {
    const session = await (await server.seed.stores()).credentials.findSession(sha256(token));
    return session?.session_id ?? '';
  });
  const run = randomUUID().slice(0, 8);
  for (const [index, letter] of TENANTS.entries()) {
    const tenant_id = `t-${run}-${letter}`;
    model.tenants.push({ tenant_id, marker: `only-${letter}-${run}` });
    const created_ms = model.now_ms;
    await stores.tenants.create({ tenant_id, name: tenant_id, disabled: false, created_ms });
    await Promise.all([addPeople(world, model, tenant_id), addDevices(world, model, tenant_id, index)]);
  }
  return model;
}

async function addPeople(world: World, model: Model, tenant_id: string): Promise<void> {
  const { seed, suite } = world.server;
  for (const [name, role, count] of PEOPLE) {
    const hash = await suite.passwords.hash(PASSWORD);
    const { user_id, username } = await seed.user({ tenant_id, username: `${name}-${tenant_id}`, role, hash });
    const user = { tenant_id, user_id, username, role, disabled: false, created_ms: model.now_ms };
    model.users.push(user);
    for (let n = 0; n < count; n += 1) await addSession(world, model, user, model.now_ms);
    if (role === 'admin') await addSession(world, model, user, model.now_ms - 13 * HOUR_MS);
  }
}

/** A session that the real store keeps as if it had been opened at `created_ms`. */
export async function addSession(
  { server }: World,
  model: Model,
  user: ModelUser,
  created_ms: number,
): Promise<ModelSession> {
  const { tenant_id, user_id, username, role } = user;
  const token = server.suite.ids.secret();
  const session_id = randomUUID();
  const times = { created_ms, last_seen_ms: created_ms };
  const fingerprint = fingerprintOf(token, USER_AGENT, '127.0.0.1');
  const session = {
    token_sha256: sha256(token),
    session_id,
    tenant_id,
    user_id,
    username,
    role,
    ...times,
    fingerprint,
  };
  const { password_hash } = await server.suite.passwords.hash(PASSWORD);
  const stores = (await server.suite.backend()).withMeter(new Meter()).forTenant(tenant_id);
  const event = anEvent({ tenant_id, event_id: randomUUID(), timestamp_ms: model.now_ms });
  await stores.sessions.open(session, password_hash, event);
  const opened = { kind: 'session', tenant_id, user_id, session_id, token, role, ...times, ended: false } as const;
  const known: ModelSession = { ...opened };
  model.sessions.push(known);
  return known;
}

/** The first id is registered under every tenant, a second one under this alone; each has had a key before. */
async function addDevices({ server }: World, model: Model, tenant_id: string, index: number): Promise<void> {
  for (const device_id of [DEVICE_IDS[0], DEVICE_IDS[index + 1] ?? 'more']) {
    const name = `${device_id} ${model.markerOf(tenant_id)}`;
    const { key } = await server.seed.device({ tenant_id, device_id, name });
    const device = newDevice(tenant_id, device_id, name);
    device.keys.push({ key_id: idOf(key), created_ms: model.now_ms, last_used_ms: null });
    model.devices.push(device);
    const text = await addRevokedKey(server, model, device);
    const known = { kind: 'key', tenant_id, device_id } as const;
    model.keys.push({ ...known, key_id: idOf(key), text: key, revoked: false });
    model.keys.push({ ...known, key_id: idOf(text), text, revoked: true });
  }
}

async function addRevokedKey({ seed, suite }: TestServer, model: Model, device: ModelDevice): Promise<string> {
  const { tenant_id, device_id } = device;
  const { key, text } = newDeviceKey(suite.ids, { tenant_id, device_id }, model.now_ms);
  const { devices } = (await seed.stores()).forTenant(tenant_id);
  const event = () => anEvent({ tenant_id, event_id: randomUUID(), timestamp_ms: model.now_ms });
  await devices.issueKey(key, event());
  await devices.revokeKey(device_id, key.key_id, event());
  return text;
}

function idOf(key: string): string {
  return key.split('_')[1] ?? '';
}
