import { Meter } from '@bas/core/observability/meter';
import { firstWidths } from '@bas/core/model/bucket';
import type { AuditAction, AuditEvent } from '@bas/core/model/audit';
import type { Device, PasswordHash, User } from '@bas/core/model/entities';
import type { Role } from '@bas/core/model/role';
import { createPasswords } from '@bas/core/passwords/passwords';
import type { Stores } from '@bas/core/stores/contracts';
import type { Suite } from '@bas/core/suite';
import { newDeviceKey } from '@bas/core/tenancy/device-key';

export interface SeededUser {
  readonly tenant_id: string;
  readonly user_id: string;
  readonly username: string;
  readonly password: string;
  readonly role: Role;
}

export interface SeededDevice {
  readonly tenant_id: string;
  readonly device_id: string;
  /** The whole text that goes after `Bearer `. */
  readonly key: string;
}

export type UserSeed = Pick<SeededUser, 'tenant_id'> &
  Partial<SeededUser & Pick<User, 'disabled'> & { readonly hash: PasswordHash }>;
export type DeviceSeed = Pick<SeededDevice, 'tenant_id'> &
  Partial<Pick<Device, 'device_id' | 'expected_interval_ms' | 'disabled' | 'name' | 'tags'>>;

export const DEFAULT_PASSWORD = 'correct horse battery staple';
let defaultHash: Promise<PasswordHash> | undefined;

/** Puts people and devices into a suite through its real stores and the real Argon2id. */
export class Seed {
  readonly #suite: Suite;
  #count = 0;

  constructor(suite: Suite) {
    this.#suite = suite;
  }

  async stores(): Promise<Stores> {
    return (await this.#suite.backend()).withMeter(new Meter());
  }

  async tenant(tenant_id: string, { disabled = false } = {}): Promise<void> {
    const { tenants } = await this.stores();
    await tenants.create({ tenant_id, name: tenant_id, disabled, created_ms: this.#suite.clock.now_ms() });
  }

  /** Users share one hash of the default password, made once in a process: each hash takes a quarter of a second. */
  async user(seed: UserSeed): Promise<SeededUser> {
    const { tenant_id, role = 'viewer', password = DEFAULT_PASSWORD, disabled = false } = seed;
    const username = seed.username ?? `user-${String((this.#count += 1))}`;
    const user_id = seed.user_id ?? this.#suite.ids.uuid();
    const hash = seed.hash ?? (await hashOf(password));
    const user: User = {
      tenant_id,
      user_id,
      username,
      role,
      disabled,
      created_ms: this.#suite.clock.now_ms(),
      ...hash,
    };
    const { users } = (await this.stores()).forTenant(tenant_id);
    await users.create(user, this.#event(tenant_id, 'user.create', { target: user_id }));
    return { tenant_id, user_id, username, password, role };
  }

  async device(seed: DeviceSeed): Promise<SeededDevice> {
    const { tenant_id, expected_interval_ms = null } = seed;
    const device_id = seed.device_id ?? `device-${String((this.#count += 1))}`;
    const now_ms = this.#suite.clock.now_ms();
    const { key, text } = newDeviceKey(this.#suite.ids, { tenant_id, device_id }, now_ms);
    const device: Device = {
      tenant_id,
      device_id,
      name: seed.name ?? device_id,
      tags: seed.tags ?? {},
      expected_interval_ms,
      widths: firstWidths(expected_interval_ms),
      disabled: seed.disabled ?? false,
      last_seen_ms: null,
      created_ms: now_ms,
      keys: [{ key_id: key.key_id, created_ms: now_ms, last_used_ms: null }],
    };
    const { devices } = (await this.stores()).forTenant(tenant_id);
    await devices.create(device, key, this.#event(tenant_id, 'device.create', { device_id }));
    return { tenant_id, device_id, key: text };
  }

  /** The tenant's audit events, newest first. */
  async auditOf(tenant_id: string, action?: AuditAction): Promise<readonly AuditEvent[]> {
    const { audit } = (await this.stores()).forTenant(tenant_id);
    return audit.query({ start_ms: 0, end_ms: Number.MAX_SAFE_INTEGER, action }, { limit: 1_000 });
  }

  #event(tenant_id: string, action: AuditAction, facts: Partial<AuditEvent>): AuditEvent {
    return {
      event_id: this.#suite.ids.uuid(),
      timestamp_ms: this.#suite.clock.now_ms(),
      tenant_id,
      action,
      outcome: 'success',
      user_id: null,
      device_id: null,
      target: null,
      ip: null,
      user_agent: null,
      request_id: null,
      source: 'admin',
      detail: null,
      ...facts,
    };
  }
}

function hashOf(password: string): Promise<PasswordHash> {
  if (password !== DEFAULT_PASSWORD) return createPasswords().hash(password);
  return (defaultHash ??= createPasswords().hash(password));
}
