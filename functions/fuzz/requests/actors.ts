/** Who sends fuzzed requests: people and a device that exist in the store under attack, and what may be done to them. */
import { sha256 } from '@bas/core/ids';
import type { User } from '@bas/core/model/entities';
import { fingerprintOf } from '@bas/core/sessions/fingerprint';
import type { Suite } from '@bas/core/suite';
import { anEvent } from '@bas/core/stores/suite/fixtures';
import { Seed, type SeededDevice, type SeededUser } from '../../test/support/seed.ts';
import type { Actor, Header } from './request.ts';
import type { Known } from './values.ts';

const AGENT: Header = ['User-Agent', 'node'];
const TENANT_HEADER = 'X-BAS-Tenant';
/** No hash is ever of a password that a fuzzed request sends, so none needs to be a real one. */
const HASH = {
  password_hash: '$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA',
  algo_params: { algorithm: 'argon2id', memory_kib: 8, time_cost: 1, parallelism: 1 },
} as const;

type Person = Exclude<Actor, 'nobody' | 'device'>;

/** The population of one server. A session that a request has ended is opened again, past the doors. */
export class Actors {
  readonly known: Known;
  readonly #suite: Suite;
  readonly #people: Readonly<Record<Person, SeededUser>>;
  readonly #device: SeededDevice;
  readonly #cookies = new Map<Person, string>();

  private constructor(suite: Suite, people: Readonly<Record<Person, SeededUser>>, device: SeededDevice, known: Known) {
    this.#suite = suite;
    this.#people = people;
    this.#device = device;
    this.known = known;
  }

  static async settle(suite: Suite): Promise<Actors> {
    const seed = new Seed(suite);
    for (const tenant_id of ['acme', 'globex', 'system']) await seed.tenant(tenant_id);
    const person = (role: SeededUser['role'], tenant_id = 'acme') => seed.user({ tenant_id, role, hash: HASH });
    const people = {
      viewer: await person('viewer'),
      admin: await person('admin'),
      platform: await person('platform_admin', 'system'),
    };
    await seed.device({ tenant_id: 'globex', device_id: 'chiller' });
    const device = await seed.device({ tenant_id: 'acme', device_id: 'ahu-1' });
    await seed.device({ tenant_id: 'acme', device_id: 'victim-1' });
    const victim = await seed.user({ tenant_id: 'acme', role: 'viewer', hash: HASH, username: 'victim' });
    const known = {
      now_ms: suite.clock.now_ms(),
      tenant_id: 'acme',
      device_id: 'ahu-1',
      victim_device_id: 'victim-1',
      key_id: suite.ids.keyId(),
      user_id: victim.user_id,
      session_id: suite.ids.uuid(),
    };
    const actors = new Actors(suite, people, device, known);
    await actors.renew();
    return actors;
  }

  headersOf(actor: Actor): readonly Header[] {
    switch (actor) {
      case 'nobody':
        return [AGENT, [TENANT_HEADER, 'acme']];
      case 'device':
        return [AGENT, [TENANT_HEADER, 'acme'], ['Authorization', `Bearer ${this.#device.key}`]];
      default: {
        const { tenant_id } = this.#people[actor];
        return [AGENT, [TENANT_HEADER, tenant_id], ['Cookie', this.#cookies.get(actor) ?? '']];
      }
    }
  }

  /** Everybody gets a new session, and whoever was changed is as before. */
  async renew(): Promise<void> {
    for (const actor of ['viewer', 'admin', 'platform'] as const) {
      this.#cookies.set(actor, `__session=${await this.#openSession(this.#people[actor])}`);
    }
  }

  async #openSession({ tenant_id, user_id }: SeededUser): Promise<string> {
    const { clock, ids } = this.#suite;
    const { users, sessions } = (await new Seed(this.#suite).stores()).forTenant(tenant_id);
    const user: User | null = await users.get(user_id);
    if (user === null) throw new Error(`${user_id} of ${tenant_id} is gone.`);
    const token = ids.secret();
    const now_ms = clock.now_ms();
    const { username, role } = user;
    const seen = { created_ms: now_ms, last_seen_ms: now_ms, fingerprint: fingerprintOf(token, AGENT[1], '127.0.0.1') };
    const session = {
      token_sha256: sha256(token),
      session_id: ids.uuid(),
      tenant_id,
      user_id,
      username,
      role,
      ...seen,
    };
    const event = anEvent({ tenant_id, event_id: ids.uuid(), timestamp_ms: now_ms });
    const outcome = await sessions.open(session, user.password_hash, event);
    if (outcome !== 'opened') throw new Error(`No session for ${user_id}: ${outcome}.`);
    return token;
  }
}
