/** What a box asks of Firestore while it moves. */
import type { Flags } from '../model/flags.ts';
import type { Point } from '../model/point.ts';
import type { BucketPlace, BucketRef, BucketSnapshot, JournaledRow } from './journal.ts';

/** A bucket as Firestore holds it. */
export interface MirroredBucket {
  readonly update: string;
  /** Oldest first; as they are stored, whatever that is. */
  readonly points: readonly Point[];
  /** Why the document is no bucket of that place, as the end of a sentence; null when it is one. */
  readonly fault: string | null;
}

/** A bucket that Firestore was found to have. */
export interface ListedBucket extends BucketPlace {
  readonly document_id: string;
  /** Where the box would put this bucket; a query finds it wherever it is. */
  readonly in_place: boolean;
}

/** Some of the buckets that Firestore has. */
export interface Listing {
  readonly buckets: readonly ListedBucket[];
  /** After which the next ones come; null when these are the last. */
  readonly next: readonly unknown[] | null;
}

/** What a Firestore database says of who may use it: kept in `system/flags`. */
export interface CloudFlags {
  /** The box that is moving here; absent in a home that never was a box. */
  readonly box_id?: string | undefined;
  readonly flags: Flags;
  readonly updated_ms: number;
}

/** What of a bucket was put, and Firestore's update time of it; null when there was nothing to put. */
export interface PutBucket {
  readonly version: number;
  readonly update: string | null;
}

/**
 * Firestore as the box delivers to it. Each call has a bounded wait. What is put replaces only what was seen before it
 * was read here: a deliverer that was held up, or a commit that comes late, never replaces anything newer.
 */
export interface Mirror {
  /**
   * Writes the whole bucket if Firestore still holds what `delivered_update` says, else finds out what it holds, reads the
   * bucket again and replaces that. Null when the bucket has left.
   */
  putBucket(read: () => Promise<BucketSnapshot | null>): Promise<PutBucket | null>;
  /** All of them, or none: as `again` reads them once Firestore was asked what it holds. */
  putRows(rows: readonly JournaledRow[], again: () => Promise<readonly JournaledRow[]>): Promise<void>;
  /** Every bucket that holds points and that a reader may find, whoever put it there, by tenant and device, newest first. */
  listBuckets(after: Listing['next'], limit: number): Promise<Listing>;
  getListed(buckets: readonly ListedBucket[]): Promise<readonly (MirroredBucket | null)[]>;
  getBuckets(buckets: readonly BucketRef[]): Promise<readonly (MirroredBucket | null)[]>;
  /** Null for a row that Firestore has not, or not in a form that could be read. */
  getRows(rows: readonly JournaledRow[]): Promise<readonly (JournaledRow['row'] | null)[]>;
  endSessions(): Promise<number>;
  readFlags(): Promise<CloudFlags | null>;
  /**
   * Only over nothing, or over what this box wrote before; and what is finalized stays so. Reads the flags once it has seen
   * what stands there, so that what is older never replaces what is newer. Answers what stands there then.
   */
  writeFlags(read: () => CloudFlags): Promise<CloudFlags>;
}
