/** What Firestore's Admin API tells, and the ways in which it may not. */
import type { FieldMode } from './required.ts';

export interface ObservedIndex {
  /** As `gcloud firestore indexes composite delete` takes it. */
  readonly id: string;
  readonly collection: string;
  readonly scope: string;
  /** `other`: a kind of index that no query of ours uses. */
  readonly fields: readonly { readonly path: string; readonly mode: FieldMode | 'other' }[];
  /** `CREATING`, `READY` or `NEEDS_REPAIR`. */
  readonly state: string;
}

export interface ObservedField {
  readonly collection: string;
  readonly path: string;
  readonly indexes: readonly { readonly mode: FieldMode | 'other'; readonly scope: string; readonly state: string }[];
  /** Firestore is giving the field its default indexes back. */
  readonly reverting: boolean;
  readonly ttl: {
    /** `CREATING`, `ACTIVE` or `NEEDS_REPAIR`. */
    readonly state: string;
    /** How long after the field's time a document expires. */
    readonly offset_s: number;
  } | null;
}

export interface Observed {
  readonly indexes: readonly ObservedIndex[];
  /** Fields with settings of their own; every other field has Firestore's default indexes and no TTL policy. */
  readonly fields: readonly ObservedField[];
}

export const ADMIN_FAILURES = [
  'permission_denied',
  'api_disabled',
  'unauthenticated',
  'unreachable',
  'database_missing',
  'busy',
  /** What an emulator answers. */
  'unimplemented',
  'unexpected',
] as const;
export type AdminFailureCode = (typeof ADMIN_FAILURES)[number];

/** The Admin API gave no answer that says how the indexes are. */
export class AdminFailure extends Error {
  override readonly name = 'AdminFailure';
  readonly code: AdminFailureCode;

  /** `message`: the API's own words, in one line. */
  constructor(code: AdminFailureCode, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** A way to look at one database. */
export interface IndexAdmin {
  /** Throws an `AdminFailure`, within a bounded time. */
  observe(): Promise<Observed>;
  close(): Promise<void>;
}

export interface IndexAdminOptions {
  readonly project_id: string;
  /** A server to ask instead of Google's, without TLS: for tests. */
  readonly host?: string;
  /** How long to wait for an answer. */
  readonly limit_ms?: number;
}
