import type { Timestamp } from '@google-cloud/firestore';
import { BrokenDocument } from '../../errors.ts';
import { isMetricsText, type Point } from '../../model/point.ts';
import { pointBytes } from '../../model/bucket.ts';
import type { BucketPlace, BucketRef, BucketSnapshot, JournaledRow } from '../journal.ts';
import type { CloudFlags, ListedBucket, Listing, Mirror, MirroredBucket, PutBucket } from '../mirror.ts';
import { REMOVED, type Change, type Documents, type StoredDocument } from './documents.ts';
import { anybodys, formatUpdate, LISTED, listed, mirroredPath, parseUpdate, readMirrored } from './mirrored-bucket.ts';
import { keyOf, over, putRow, readRow, rowPath } from './mirrored-rows.ts';
import { putCloudFlags, readCloudFlags } from './cloud-flags.ts';
import { paths, type DocumentPath } from './paths.ts';
import { LOST, untilWon } from './patience.ts';
import { newBucketFields } from './telemetry/bucket.ts';

const SESSIONS_AT_ONCE = 400;

/** Firestore as a box delivers to it and compares itself with it. */
export class FirestoreMirror implements Mirror {
  readonly #documents: Documents;

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  async putBucket(read: () => Promise<BucketSnapshot | null>): Promise<PutBucket | null> {
    const bucket = await read();
    if (bucket === null) return null;
    const { version, points, delivered_update } = bucket;
    // All its points have expired: there is nothing to keep for longer than TTL does.
    if (points.length === 0) return { version, update: null };
    const first = await this.#put(bucket, points, delivered_update === null ? null : parseUpdate(delivered_update));
    return first === LOST ? this.#reconcile(bucket, read) : { version, update: first };
  }

  /**
   * The document is not as it was believed to be. What only Firestore has stays, and a comparison will name it; but not what
   * can be no point, nor anything of a document that is no bucket of this place.
   */
  #reconcile(ref: BucketRef, read: () => Promise<BucketSnapshot | null>): Promise<PutBucket | null> {
    return untilWon(async () => {
      const document = await this.#documents.get(mirroredPath(ref));
      // Read after the document: whoever wrote it had read nothing newer.
      const bucket = await read();
      if (bucket === null) return null;
      const { version } = bucket;
      const held = document === null ? null : readMirrored(bucket, document);
      const stored = held?.points ?? [];
      const merged = union(
        stored.filter(({ metrics }) => isMetricsText(metrics)),
        bucket.points,
      );
      if (held?.fault === null && same(stored, merged)) return { version, update: held.update };
      const update = await this.#put(bucket, merged, document?.updated ?? null);
      return update === LOST ? LOST : { version, update };
    });
  }

  /** Replaces what was updated `at`, or nothing; answers the update time it has then. */
  async #put(bucket: BucketRef, points: readonly Point[], at: Timestamp | null): Promise<string | typeof LOST> {
    const fields = bucketFields(bucket, points);
    // A box keeps its devices' budgets in its file: one in the document is not its own, and may be broken.
    const whole = at === null ? fields : { ...fields, budget: REMOVED };
    const [updated] = (await this.#documents.commit([over(mirroredPath(bucket), whole, at)])) ?? [];
    return updated === undefined ? LOST : formatUpdate(updated);
  }

  async putRows(rows: readonly JournaledRow[], again: () => Promise<readonly JournaledRow[]>): Promise<void> {
    if (rows.length === 0) return;
    await untilWon(async () => {
      const held = await this.#held(rows);
      const changes = (await again()).flatMap((row) => putRow(row, held));
      if (changes.length === 0) return;
      return (await this.#documents.commit(changes)) === null ? LOST : undefined;
    });
  }

  /** When each document was updated, by its id; an event never changes, so nobody need ask. */
  async #held(rows: readonly JournaledRow[]): Promise<ReadonlyMap<string, Timestamp>> {
    const paths = rows.filter(({ kind }) => kind !== 'audit').map((row) => anybodys(rowPath(row)));
    const documents = await this.#documents.getAll(paths);
    const entries = paths.map((path, at) => [keyOf(path), documents[at]?.updated] as const);
    return new Map(entries.flatMap(([key, updated]) => (updated === undefined ? [] : [[key, updated] as const])));
  }

  async listBuckets(after: Listing['next'], limit: number): Promise<Listing> {
    const found = await this.#documents.query({
      shape: 'everyBucket',
      equal: [],
      after: after ?? undefined,
      only: [...LISTED],
      limit,
    });
    const last = found.length < limit ? undefined : found.at(-1);
    return {
      buckets: found.map(listed).filter((bucket) => bucket !== null),
      next: last === undefined ? null : LISTED.map((name) => last.fields.raw(name)),
    };
  }

  getBuckets(buckets: readonly BucketRef[]): Promise<readonly (MirroredBucket | null)[]> {
    return this.#read(buckets, mirroredPath);
  }

  getListed(buckets: readonly ListedBucket[]): Promise<readonly (MirroredBucket | null)[]> {
    return this.#read(buckets, (bucket) => ({ ...mirroredPath(bucket), id: bucket.document_id }));
  }

  async #read<B extends BucketPlace>(
    buckets: readonly B[],
    pathOf: (bucket: B) => DocumentPath,
  ): Promise<readonly (MirroredBucket | null)[]> {
    const documents = await this.#documents.getAll(buckets.map(pathOf));
    return buckets.map((bucket, at) => {
      const document = documents[at] ?? null;
      return document === null ? null : readMirrored(bucket, document);
    });
  }

  async getRows(rows: readonly JournaledRow[]): Promise<readonly (JournaledRow['row'] | null)[]> {
    const documents = await this.#documents.getAll(rows.map((row) => anybodys(rowPath(row))));
    return rows.map((row, at) => {
      const document = documents[at] ?? null;
      return document === null ? null : readableRow(row, document);
    });
  }

  async endSessions(): Promise<number> {
    let ended = 0;
    for (;;) {
      const found = await this.#documents.query({ shape: 'sessionsIdle', equal: [], limit: SESSIONS_AT_ONCE });
      await this.#documents.commit(found.map(({ fields }) => remove(fields.text('token_sha256'))));
      ended += found.length;
      if (found.length < SESSIONS_AT_ONCE) return ended;
    }
  }

  async readFlags(): Promise<CloudFlags | null> {
    const document = await this.#documents.get(paths.cloudFlags());
    return document === null ? null : readCloudFlags(document);
  }

  writeFlags(read: () => CloudFlags): Promise<CloudFlags> {
    return this.#documents.transaction(async (scope) => {
      const [document] = await scope.getAll([paths.cloudFlags()]);
      const held = document ? readCloudFlags(document) : null;
      const ours = read();
      const kept = held !== null && (held.box_id !== ours.box_id || (held.flags.finalized && !ours.flags.finalized));
      if (kept) return held;
      scope.change(putCloudFlags(ours));
      return ours;
    });
  }
}

function bucketFields(bucket: BucketRef, points: readonly Point[]): Readonly<Record<string, unknown>> {
  const bytes = points.reduce((sum, { metrics }) => sum + pointBytes(metrics), 0);
  const texts = new Map(points.map(({ timestamp_ms, metrics }) => [timestamp_ms, metrics]));
  return newBucketFields(bucket, { ...bucket, points: texts, bytes, budget: null });
}

function remove(token_sha256: string): Change {
  return { kind: 'delete', path: paths.session(token_sha256) };
}

function readableRow(row: JournaledRow, document: StoredDocument): JournaledRow['row'] | null {
  try {
    return readRow(row, document);
  } catch (error) {
    if (error instanceof BrokenDocument) return null;
    throw error;
  }
}

/** Ours win where both have a point. Oldest first. */
function union(stored: readonly Point[], ours: readonly Point[]): readonly Point[] {
  const byTime = new Map([...stored, ...ours].map((point) => [point.timestamp_ms, point]));
  return [...byTime.values()].sort((a, b) => a.timestamp_ms - b.timestamp_ms);
}

function same(a: readonly Point[], b: readonly Point[]): boolean {
  return a.length === b.length && a.every((point, at) => point.metrics === b[at]?.metrics);
}
