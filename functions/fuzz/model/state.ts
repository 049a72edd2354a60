/** What the suite must remember, in plain maps: the model that every answer is held against. */
import type { MovableClock } from '../../test/support/movable-clock.ts';
import type { Role } from '@bas/core/model/role';

export interface ModelTenant {
  readonly tenant_id: string;
  /** Stands in every name and point of this tenant, and may be in no answer to another. */
  readonly marker: string;
}

export interface ModelUser {
  readonly tenant_id: string;
  readonly user_id: string;
  readonly username: string;
  readonly created_ms: number;
  role: Role;
  disabled: boolean;
}

export interface ModelKeyInfo {
  readonly key_id: string;
  readonly created_ms: number;
  last_used_ms: number | null;
}

export interface ModelDevice {
  readonly tenant_id: string;
  readonly device_id: string;
  name: string;
  disabled: boolean;
  last_seen_ms: number | null;
  keys: ModelKeyInfo[];
  /** Metrics by time. */
  readonly points: Map<number, Readonly<Record<string, number | string>>>;
  budget: { minute: number; used: number };
}

export interface ModelKey {
  readonly kind: 'key';
  readonly tenant_id: string;
  readonly device_id: string;
  readonly key_id: string;
  readonly text: string;
  revoked: boolean;
}

export interface ModelSession {
  readonly kind: 'session';
  readonly tenant_id: string;
  readonly user_id: string;
  readonly session_id: string;
  readonly token: string;
  readonly role: Role;
  readonly created_ms: number;
  last_seen_ms: number;
  ended: boolean;
}

/** What a cursor is good for. */
export interface CursorScope {
  readonly tenant_id: string;
  readonly question: string;
}

/** A cursor as it was given out: good for its own question and for nothing else. */
export interface ModelCursor {
  readonly text: string;
  readonly scope: CursorScope;
  readonly place: unknown;
}

/** Everything of one run: some tenants and what they did. */
export class Model {
  readonly clock: MovableClock;
  readonly base_ms: number;
  readonly tenants: ModelTenant[] = [];
  readonly users: ModelUser[] = [];
  readonly devices: ModelDevice[] = [];
  readonly keys: ModelKey[] = [];
  readonly sessions: ModelSession[] = [];
  readonly cursors: ModelCursor[] = [];

  /** The id under which the suite keeps a session: it is told nowhere when somebody signs in. */
  readonly sessionIdOf: (token: string) => Promise<string>;

  constructor(clock: MovableClock, sessionIdOf: (token: string) => Promise<string>) {
    this.clock = clock;
    this.sessionIdOf = sessionIdOf;
    this.base_ms = clock.now_ms();
  }

  get now_ms(): number {
    return this.clock.now_ms();
  }

  device(tenant_id: string, device_id: string): ModelDevice | undefined {
    return this.devices.find((one) => one.tenant_id === tenant_id && one.device_id === device_id);
  }

  devicesOf(tenant_id: string): readonly ModelDevice[] {
    return this.devices.filter((one) => one.tenant_id === tenant_id).sort(by('device_id'));
  }

  usersOf(tenant_id: string): readonly ModelUser[] {
    return this.users.filter((one) => one.tenant_id === tenant_id).sort(by('user_id'));
  }

  user(tenant_id: string, user_id: string): ModelUser | undefined {
    return this.users.find((one) => one.tenant_id === tenant_id && one.user_id === user_id);
  }

  markerOf(tenant_id: string): string {
    return this.tenants.find((one) => one.tenant_id === tenant_id)?.marker ?? '';
  }

  foreignMarkers(tenant_id: string | null): readonly string[] {
    return this.tenants.filter((one) => one.tenant_id !== tenant_id).map(({ marker }) => marker);
  }

  endSessionsOf(user_id: string): void {
    for (const session of this.sessions) if (session.user_id === user_id) session.ended = true;
  }
}

/** One of a list by a number of any size; the list must not be empty. */
export function pick<T>(list: readonly T[], number: number): T {
  const found = list[number % list.length];
  if (found === undefined) throw new Error('Nothing to pick from.');
  return found;
}

function by<K extends string>(name: K) {
  return (a: Readonly<Record<K, string>>, b: Readonly<Record<K, string>>) => (a[name] < b[name] ? -1 : 1);
}
