/** A populated home, and everybody who might ask a route of it. */
import assert from 'node:assert/strict';
import { DAY_MS } from '@bas/core/clock';
import type { Route } from '@bas/core/http/route';
import { mayUse, type Role } from '@bas/core/model/role';
import { SYSTEM_TENANT } from '@bas/core/model/names';
import { USER_AGENT } from '../../fuzz/model/guard.ts';
import type { FuzzPhase } from '../../fuzz/model/phases.ts';
import { addSession, populate } from '../../fuzz/model/populate.ts';
import { pick, type Model, type ModelKey, type ModelSession, type ModelUser } from '../../fuzz/model/state.ts';
import { PASSWORD } from '../../fuzz/model/user-calls.ts';
import { openWorld, type World } from '../../fuzz/model/world.ts';
import type { Answer } from './client.ts';
import { routeRequests, type RouteRequest } from './route-requests.ts';

export interface Headers {
  readonly [name: string]: string;
}

/** Each asker's name, what they send, and what the contract's order of checks says that they get. */
export interface Asker {
  readonly who: string;
  readonly headers: Headers;
  readonly refusal: readonly [status: number, code: string];
}

const ROLES: readonly Role[] = ['viewer', 'operator', 'admin'];

export class Matrix {
  readonly world: World;
  readonly model: Model;
  readonly #platform: ModelUser;
  readonly #own: string;
  readonly #other: string;
  /** Another session of the owner's, to be ended. */
  #spare = '';
  #asked = 0;

  private constructor(world: World, model: Model, platform: ModelUser) {
    this.world = world;
    this.model = model;
    this.#platform = platform;
    [this.#own, this.#other] = [pick(model.tenants, 0).tenant_id, pick(model.tenants, 1).tenant_id];
  }

  static async open(phase: FuzzPhase): Promise<Matrix> {
    const world = await openWorld(phase);
    const { seed, suite, clock } = world.server;
    const model = await populate(world);
    await seed.tenant(SYSTEM_TENANT);
    const hash = await suite.passwords.hash(PASSWORD);
    const role = 'platform_admin';
    const { tenant_id, user_id, username } = await seed.user({ tenant_id: SYSTEM_TENANT, role, hash });
    const created_ms = clock.now_ms();
    return new Matrix(world, model, { tenant_id, user_id, username, role, disabled: false, created_ms });
  }

  /** One of each kind that is refused; who asks for what is another's comes with the asked-for object's refusal. */
  async refused(route: Route): Promise<readonly Asker[]> {
    const { permission = 'account.own' } = route;
    const tenant = this.#homeOf(route);
    const owner = await this.owner(route);
    const gone: Asker['refusal'] = [401, 'unauthenticated'];
    const mismatch: Asker['refusal'] = [403, 'tenant_mismatch'];
    const role = tenant === this.#own ? ROLES.find((one) => !mayUse(one, permission)) : undefined;
    const stranger = tenant === this.#own ? this.#other : this.#own;
    const foreign = await this.#session(this.#person(stranger, 'admin'));
    const named = this.request(route).names;
    const told = named === 'device' ? ([403, 'device_forbidden'] as const) : ([404, 'not_found'] as const);
    const asker = (who: string, headers: Headers, refusal: Asker['refusal']): Asker => ({ who, headers, refusal });
    return [
      asker('nobody', { 'x-bas-tenant': tenant }, gone),
      asker('nobody of no tenant', {}, mismatch),
      asker('its owner without a tenant', withoutTenant(owner), mismatch),
      asker('its owner in the name of another tenant', { ...owner, 'x-bas-tenant': stranger }, mismatch),
      asker('another tenant in its name', { ...foreign, 'x-bas-tenant': tenant }, mismatch),
      asker('a session that has ended', await this.#ended(route), gone),
      asker('an expired session', await this.#session(this.#ownerOf(route), this.model.now_ms - DAY_MS), gone),
      ...(role === undefined
        ? []
        : [asker(`its ${role}`, await this.#session(this.#person(tenant, role)), [403, 'role_required'])]),
      ...(named === undefined ? [] : [asker('another tenant by its name', foreign, told)]),
      ...(route.permission === 'telemetry.write'
        ? await this.#keys(owner)
        : [asker('a device key', this.#live(), gone)]),
    ];
  }

  /** Who may; with a session of their own each time, because some routes end it. */
  async owner(route: Route): Promise<Headers> {
    const user = this.#ownerOf(route);
    this.#spare = (await addSession(this.world, this.model, user, this.model.now_ms)).session_id;
    return this.#session(user);
  }

  async ask(route: Route, headers: Headers, method: string = route.method): Promise<Answer> {
    this.model.clock.advance(5_000);
    const { query, json } = this.request(route);
    const path = `${this.#path(route)}${query === undefined ? '' : `?${query}`}`;
    const body = json === undefined || method === 'GET' || method === 'HEAD' ? {} : { json };
    return this.world.server.client.send(method, path, { headers: { 'user-agent': USER_AGENT, ...headers }, ...body });
  }

  request({ method, path }: Route): RouteRequest {
    const { device_id } = this.#device();
    this.#asked += 1;
    const username = this.#person(this.#own, 'viewer').username;
    const objects = { now_ms: this.model.now_ms, device_id, username, new_device_id: `new-${this.#asked}` };
    const request = routeRequests(objects)[`${method} ${path}`];
    assert(request !== undefined, `${method} ${path} has no request in route-requests.ts`);
    return request;
  }

  close(): Promise<void> {
    return this.world.close();
  }

  #path({ path }: Route): string {
    const [key] = this.#device().keys;
    const ids: Readonly<Record<string, string>> = {
      device_id: this.#device().device_id,
      key_id: key?.key_id ?? '',
      user_id: this.#person(this.#own, 'operator').user_id,
      session_id: this.#spare,
    };
    return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? '');
  }

  /** The device that only the first tenant has. */
  #device() {
    return pick(this.model.devicesOf(this.#own), 1);
  }

  #homeOf({ capability }: Route): string {
    return capability === 'operator' ? SYSTEM_TENANT : this.#own;
  }

  #person(tenant_id: string, role: Role): ModelUser {
    const found = this.model.usersOf(tenant_id).find((user) => user.role === role);
    return found ?? assert.fail(`${tenant_id} has no ${role}`);
  }

  #ownerOf({ capability }: Route): ModelUser {
    return capability === 'operator' ? this.#platform : this.#person(this.#own, 'admin');
  }

  async #ended(route: Route): Promise<Headers> {
    const headers = await this.#session(this.#ownerOf(route));
    await this.world.server.client.send('POST', '/v1/logout', { headers });
    return headers;
  }

  async #session(user: ModelUser, created_ms = this.model.now_ms): Promise<Headers> {
    return headersOf(await addSession(this.world, this.model, user, created_ms));
  }

  #live(): Headers {
    return headersOf(pick(this.model.keys, 0));
  }

  /** Devices that may write, but not this one, and what was its key. */
  async #keys(owner: Headers): Promise<readonly Asker[]> {
    const { device_id } = this.#device();
    const others = this.model.keys.filter((key) => key.device_id !== device_id && !key.revoked);
    const forbidden = others.map((key): Asker => {
      const who = `the device ${key.device_id} of ${key.tenant_id === this.#own ? 'the same' : 'another'} tenant`;
      return { who, headers: headersOf(key), refusal: [403, 'device_forbidden'] };
    });
    const headers = { 'x-bas-tenant': this.#own, authorization: `Bearer ${await this.#revokedKey(owner)}` };
    return [...forbidden, { who: 'a revoked key', headers, refusal: [401, 'unauthenticated'] }];
  }

  async #revokedKey(headers: Headers): Promise<string> {
    const { client } = this.world.server;
    const keys = `/v1/devices/${this.#device().device_id}/keys`;
    const text = String((await client.send('POST', keys, { headers })).member('key'));
    await client.send('DELETE', `${keys}/${text.split('_')[1] ?? ''}`, { headers });
    return text;
  }
}

function headersOf(credential: ModelSession | ModelKey): Headers {
  const { tenant_id } = credential;
  const proof =
    credential.kind === 'key'
      ? { authorization: `Bearer ${credential.text}` }
      : { cookie: `__session=${credential.token}` };
  return { 'x-bas-tenant': tenant_id, 'user-agent': USER_AGENT, ...proof };
}

function withoutTenant(headers: Headers): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'x-bas-tenant'));
}
