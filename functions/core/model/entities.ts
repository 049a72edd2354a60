import type { Role } from './role.ts';
import type { WidthHistory } from './bucket.ts';

/** A customer. A disabled tenant's people and devices are refused everywhere. */
export interface Tenant {
  readonly tenant_id: string;
  readonly name: string;
  readonly disabled: boolean;
  readonly created_ms: number;
}

export type Tags = Readonly<Record<string, string>>;

export interface DeviceKeyInfo {
  readonly key_id: string;
  readonly created_ms: number;
  /** Coarse: written at most once an hour. */
  readonly last_used_ms: number | null;
}

/** A controller or gateway. `device_id` is unique in its tenant only. */
export interface Device {
  readonly tenant_id: string;
  readonly device_id: string;
  readonly name: string;
  readonly tags: Tags;
  readonly expected_interval_ms: number | null;
  readonly widths: WidthHistory;
  readonly disabled: boolean;
  /** Coarse: written at most once an hour. */
  readonly last_seen_ms: number | null;
  readonly created_ms: number;
  readonly keys: readonly DeviceKeyInfo[];
}

/** What may change after registration; an absent member stays as it is. */
export interface DevicePatch {
  readonly name?: string | undefined;
  readonly tags?: Tags | undefined;
  readonly expected_interval_ms?: number | null | undefined;
  readonly disabled?: boolean | undefined;
}

/** A device key as it is looked up before any tenant is trusted. Only the SHA-256 of its secret is kept. */
export interface DeviceKey {
  readonly key_id: string;
  readonly tenant_id: string;
  readonly device_id: string;
  readonly secret_sha256: string;
  readonly created_ms: number;
  /** Kept after that, so that its use is still told; null while it is live. */
  readonly revoked_ms: number | null;
}

/** Argon2id parameters kept beside each hash. */
export interface Argon2Params {
  readonly algorithm: 'argon2id';
  readonly memory_kib: number;
  readonly time_cost: number;
  readonly parallelism: number;
}

/** Hashes of another server, kept until their owner signs in; `hmac` is salted, but takes no time to make. */
export const LEGACY_ALGORITHMS = ['pbkdf2', 'scrypt', 'bcrypt', 'hmac'] as const;
export type LegacyAlgorithm = (typeof LEGACY_ALGORITHMS)[number];

/** What was used to make a hash. A legacy hash has its parameters in its own text. */
export type AlgoParams = Argon2Params | { readonly algorithm: LegacyAlgorithm };

export interface PasswordHash {
  readonly password_hash: string;
  readonly algo_params: AlgoParams;
}

export interface User extends PasswordHash {
  readonly tenant_id: string;
  readonly user_id: string;
  readonly username: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly created_ms: number;
}

export interface UserPatch {
  readonly role?: Role | undefined;
  readonly disabled?: boolean | undefined;
  readonly password?: PasswordHash | undefined;
}

/** A signed-in browser. The browser holds a random token; the store holds its SHA-256. */
export interface Session {
  readonly token_sha256: string;
  /** What its owner sees and revokes it by; worthless as a cookie. */
  readonly session_id: string;
  readonly tenant_id: string;
  readonly user_id: string;
  readonly username: string;
  readonly role: Role;
  readonly created_ms: number;
  /** Coarse: written at most once a minute. */
  readonly last_seen_ms: number;
  readonly fingerprint: Fingerprint;
}

/** Where a session was opened, coarse and keyed by its own token, so that a leaked store tells nothing. */
export interface Fingerprint {
  readonly agent: string;
  readonly network: string;
}
