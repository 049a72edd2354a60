/** The part of the persistence contract about the audit log. */
import type { AuditAction, AuditEvent } from '../model/audit.ts';
import type { TimeRange } from './telemetry-contract.ts';

export interface AuditFilter extends TimeRange {
  readonly user_id?: string | undefined;
  readonly action?: AuditAction | undefined;
}

/** The last event of the page before. */
export interface AuditPlace {
  readonly timestamp_ms: number;
  readonly event_id: string;
}

/** An event as it is stored, whatever that is. */
export interface WalkedEvent {
  readonly event_id: string;
  readonly timestamp_ms: number;
  /** Null when it cannot be read: somebody else wrote it. */
  readonly event: AuditEvent | null;
}

/** After which the next ones come. */
export interface WalkMark {
  readonly timestamp_ms: number;
  readonly key: string;
}

export interface WalkedEvents {
  readonly events: readonly WalkedEvent[];
  /** Null when these are the last. */
  readonly next: WalkMark | null;
}

/** Append-only: there is no way to change or remove an event but the sweep of those that have expired. */
export interface AuditLog {
  append(event: AuditEvent): Promise<void>;
  /** False, and nothing is stored, when another event has its id. */
  appendOnce(event: AuditEvent): Promise<boolean>;
  /** Newest first; equal times by `event_id`, descending. */
  query(filter: AuditFilter, page: { after?: AuditPlace | undefined; limit: number }): Promise<readonly AuditEvent[]>;
  /** Oldest first, from where events are stored first. */
  walk(range: TimeRange, page: { readonly after: WalkMark | null; readonly limit: number }): Promise<WalkedEvents>;
}
