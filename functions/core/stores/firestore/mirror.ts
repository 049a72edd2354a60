import { Timestamp } from '@google-cloud/firestore';
import * as z from 'zod';
import { AUDIT_PHASES, AUTH_PHASES, TELEMETRY_PHASES } from '../../model/flags.ts';
import type { Point } from '../../model/point.ts';
import { pointBytes } from '../../model/bucket.ts';
import type { BucketRef, BucketSnapshot, CloudFlags, JournaledRow, Mirror, MirroredBucket } from '../journal.ts';
import { auditEvents, deviceKeys, devices, tenants, users } from './converters.ts';
import type { Change, Documents, FieldChange, StoredDocument } from './documents.ts';
import { paths, type DocumentPath } from './paths.ts';
import { LOST, untilWon } from './patience.ts';
import { Bucket, newBucketFields } from './telemetry/bucket.ts';

const SESSIONS_AT_ONCE = 400;

/** Firestore as a box delivers to it and compares itself with it. */
export class FirestoreMirror implements Mirror {
  readonly #documents: Documents;

  constructor(documents: Documents) {
    this.#documents = documents;
  }

  async putBucket(bucket: BucketSnapshot): Promise<string> {
    const path = bucketPath(bucket);
    const fields = bucketFields(bucket, bucket.points);
    const known = bucket.delivered_update === null ? null : parseUpdate(bucket.delivered_update);
    const [first] =
      (await this.#documents.commit([known === null ? create(path, fields) : replace(path, fields, known)])) ?? [];
    return first === undefined ? this.#reconcile(bucket) : formatUpdate(first);
  }

  /** The document is not as it was believed to be. What only Firestore has stays: a comparison will name it. */
  #reconcile(bucket: BucketSnapshot): Promise<string> {
    const path = bucketPath(bucket);
    return untilWon(async () => {
      const document = await this.#documents.get(path);
      if (document === null) return this.#won(create(path, bucketFields(bucket, bucket.points)));
      const stored = pointsOf(bucket, document);
      const merged = union(stored, bucket.points);
      if (same(stored, merged)) return formatUpdate(document.updated);
      return this.#won(replace(path, bucketFields(bucket, merged), document.updated));
    });
  }

  async #won(change: Change): Promise<string | typeof LOST> {
    const [updated] = (await this.#documents.commit([change])) ?? [];
    return updated === undefined ? LOST : formatUpdate(updated);
  }

  async putRows(rows: readonly JournaledRow[]): Promise<void> {
    if (rows.length === 0) return;
    const times = await this.#documents.commit(rows.flatMap(putRow));
    if (times === null) throw new Error('A commit without preconditions lost one.');
  }

  async getBuckets(buckets: readonly BucketRef[]): Promise<readonly (MirroredBucket | null)[]> {
    const documents = await this.#documents.getAll(buckets.map(bucketPath));
    return buckets.map((bucket, at) => {
      const document = documents[at] ?? null;
      return document === null ? null : { update: formatUpdate(document.updated), points: pointsOf(bucket, document) };
    });
  }

  async getRows(rows: readonly JournaledRow[]): Promise<readonly (JournaledRow['row'] | null)[]> {
    const documents = await this.#documents.getAll(rows.map(rowPath));
    return rows.map((row, at) => {
      const document = documents[at] ?? null;
      return document === null ? null : readRow(row, document);
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
    if (document === null) return null;
    const text = document.fields.text('flags');
    return { flags: StoredFlags.parse(JSON.parse(text)), updated_ms: document.fields.number('updated_ms') };
  }

  async writeFlags({ flags, updated_ms }: CloudFlags): Promise<void> {
    const { telemetry, audit, auth, finalized } = flags;
    const shown = { telemetry, audit, auth, finalized };
    await this.#documents.commit([
      { kind: 'put', path: paths.cloudFlags(), fields: { ...shown, flags: JSON.stringify(flags), updated_ms } },
    ]);
  }
}

const StoredFlags = z.object({
  telemetry: z.enum(TELEMETRY_PHASES),
  audit: z.enum(AUDIT_PHASES),
  auth: z.enum(AUTH_PHASES),
  finalized: z.boolean(),
  since_ms: z.object({ telemetry: z.number(), audit: z.number(), auth: z.number() }),
  backfill_start_ms: z.number(),
  waived: z.string().nullable(),
  frozen_until_ms: z.number(),
  closing_until_ms: z.number(),
});

function bucketPath({ tenant_id, device_id, start_ms }: BucketRef): DocumentPath {
  return paths.bucket(tenant_id, device_id, start_ms);
}

function bucketFields(bucket: BucketRef, points: readonly Point[]): Readonly<Record<string, unknown>> {
  const bytes = points.reduce((sum, { metrics }) => sum + pointBytes(metrics), 0);
  const texts = new Map(points.map(({ timestamp_ms, metrics }) => [timestamp_ms, metrics]));
  return newBucketFields(bucket, { ...bucket, points: texts, bytes, budget: null });
}

function create(path: DocumentPath, fields: Readonly<Record<string, unknown>>): Change {
  return { kind: 'create', path, fields };
}

function replace(path: DocumentPath, fields: Readonly<Record<string, unknown>>, at: Timestamp): Change {
  const changes = Object.entries(fields).map(([field, value]): FieldChange => [[field], value]);
  return { kind: 'update', path, fields: changes, at };
}

function remove(token_sha256: string): Change {
  return { kind: 'delete', path: paths.session(token_sha256) };
}

function pointsOf({ start_ms }: BucketRef, document: StoredDocument): readonly Point[] {
  return Bucket.read(start_ms, document).points.toReversed();
}

/** Ours win where both have a point. Oldest first. */
function union(stored: readonly Point[], ours: readonly Point[]): readonly Point[] {
  const byTime = new Map([...stored, ...ours].map((point) => [point.timestamp_ms, point]));
  return [...byTime.values()].sort((a, b) => a.timestamp_ms - b.timestamp_ms);
}

function same(a: readonly Point[], b: readonly Point[]): boolean {
  return a.length === b.length && a.every((point, at) => point.metrics === b[at]?.metrics);
}

function rowPath(found: JournaledRow): DocumentPath {
  switch (found.kind) {
    case 'tenant':
      return paths.tenant(found.row.tenant_id);
    case 'device':
      return paths.device(found.row.tenant_id, found.row.device_id);
    case 'key':
      return paths.deviceKey(found.row.key_id);
    case 'user':
      return paths.user(found.row.user_id);
    case 'audit':
      return paths.auditEvent(found.row.event_id);
  }
}

function putRow(found: JournaledRow): readonly Change[] {
  const put = (fields: Readonly<Record<string, unknown>>): Change => ({ kind: 'put', path: rowPath(found), fields });
  switch (found.kind) {
    case 'tenant':
      return [put(tenants.write(found.row))];
    case 'device':
      return [put(devices.write(found.row))];
    case 'key':
      return [put(deviceKeys.write(found.row))];
    case 'audit':
      return [put(auditEvents.write(found.row))];
    case 'user': {
      const { tenant_id, username, user_id } = found.row;
      const guard: Change = {
        kind: 'put',
        path: paths.username(tenant_id, username),
        fields: { tenant_id, username, user_id },
      };
      return [put(users.write(found.row)), guard];
    }
  }
}

function readRow({ kind }: JournaledRow, { fields }: StoredDocument): JournaledRow['row'] {
  switch (kind) {
    case 'tenant':
      return tenants.read(fields);
    case 'device':
      return devices.read(fields);
    case 'key':
      return deviceKeys.read(fields);
    case 'user':
      return users.read(fields);
    case 'audit':
      return auditEvents.read(fields);
  }
}

/** An update time as text that keeps its nanoseconds. */
function formatUpdate({ seconds, nanoseconds }: Timestamp): string {
  return `${seconds}.${nanoseconds}`;
}

function parseUpdate(text: string): Timestamp {
  const [seconds = 0, nanoseconds = 0] = text.split('.').map(Number);
  return new Timestamp(seconds, nanoseconds);
}
