/** The documents that the suite writes, made by the code that writes them, and what each takes in Firestore. */
import { DAY_MS, SECOND_MS } from '@bas/core/clock';
import { REQUIRED } from '@bas/core/gate/required';
import { bucketAt, firstWidths, pointBytes } from '@bas/core/model/bucket';
import type { AuditEvent } from '@bas/core/model/audit';
import type { Device, DeviceKey, Session } from '@bas/core/model/entities';
import { canonicalMetrics, type Metrics } from '@bas/core/model/point';
import type { UsageRow } from '@bas/core/model/usage';
import { auditEvents, deviceKeys, devices, sessions } from '@bas/core/stores/firestore/converters';
import { documentId, paths, type DocumentPath } from '@bas/core/stores/firestore/paths';
import { documentBytes, storedBytes, type Indexes, type StoredFields } from '@bas/core/stores/firestore/storage-size';
import { Bucket, newBucketFields, type BucketWrite } from '@bas/core/stores/firestore/telemetry/bucket';
import { usageFields } from '@bas/core/stores/firestore/usage';
import { OWN_FUNCTION } from '@bas/core/usage/waiting';

/** Short ids: long ones are a burden to a document per point, which repeats them in every index entry. */
const OWNER = { tenant_id: 'acme', device_id: 'room-1' };
/** Any instant of today: its digits are part of ids. */
export const START_MS = Date.UTC(2026, 0, 1);
const UUID = '00000000-0000-4000-8000-000000000000';
const SHA_256 = '0'.repeat(64);

export interface Sample {
  readonly timestamp_ms: number;
  readonly metrics: Metrics;
}

export interface SizedBucket {
  readonly width_ms: number;
  readonly points: number;
  /** With its index entries. */
  readonly stored_bytes: number;
  /** What counts against the limit of a document. */
  readonly document_bytes: number;
  /** What an instance takes its memory to be full by, when the bucket is half full. */
  readonly memory_weight: number;
}

/** One bucket of a device that keeps to its interval, with every point in it. */
export function fullBucket(interval_ms: number, metrics: number): SizedBucket {
  const widths = firstWidths(interval_ms);
  const { start_ms, end_ms } = bucketAt(widths, START_MS);
  const samples: Sample[] = [];
  for (let at_ms = start_ms; at_ms < end_ms; at_ms += interval_ms) samples.push(sampleAt(at_ms, metrics));
  const write = bucketWrite({ start_ms, end_ms }, samples);
  const half = { start_ms, texts: {}, bytes: write.bytes / 2, budget: null, updated: null };
  const path = paths.bucket(OWNER.tenant_id, OWNER.device_id, start_ms);
  const fields = newBucketFields(OWNER, write);
  return {
    width_ms: end_ms - start_ms,
    points: samples.length,
    stored_bytes: storedBytes(path, fields, REQUIRED),
    document_bytes: documentBytes(path, fields),
    memory_weight: new Bucket(half).weight,
  };
}

/** All buckets that hold `samples`, in bytes with their index entries. */
export function bucketedBytes(samples: readonly Sample[], interval_ms: number): number {
  const widths = firstWidths(interval_ms);
  const buckets = Map.groupBy(samples, ({ timestamp_ms }) => bucketAt(widths, timestamp_ms).start_ms);
  let bytes = 0;
  for (const [start_ms, points] of buckets) {
    const fields = newBucketFields(OWNER, bucketWrite(bucketAt(widths, start_ms), points));
    bytes += storedBytes(paths.bucket(OWNER.tenant_id, OWNER.device_id, start_ms), fields, REQUIRED);
  }
  return bytes;
}

function bucketWrite(span: Pick<BucketWrite, 'start_ms' | 'end_ms'>, samples: readonly Sample[]): BucketWrite {
  const points = new Map(samples.map(({ timestamp_ms, metrics }) => [timestamp_ms, canonicalMetrics(metrics)]));
  const bytes = [...points.values()].reduce((sum, text) => sum + pointBytes(text), 0);
  return { ...span, points, bytes, budget: { minute_ms: span.start_ms, used: 1 } };
}

/** The other design: the same index, and else what Firestore does by itself. */
const POINT_INDEXES: Indexes = { composites: REQUIRED.composites, fields: [] };

/** One point as a document of its own, with its index entries. */
export function pointDocumentBytes({ timestamp_ms, metrics }: Sample): number {
  const { tenant_id, device_id } = OWNER;
  const id = documentId(tenant_id, device_id, String(timestamp_ms));
  // A timestamp takes as much as the number.
  const fields: StoredFields = { tenant_id, device_id, timestamp_ms, metrics, expire_at: timestamp_ms };
  return storedBytes({ collection: 'telemetry', id }, fields, POINT_INDEXES);
}

const NAMES = ['temperature', 'humidity', 'light', 'co2', 'humidity_ratio', 'occupied'];

/** A point like one room's sensor makes it, with so many values. */
export function sampleAt(timestamp_ms: number, metrics: number): Sample {
  const phase = timestamp_ms / (DAY_MS / 24);
  const value = (at: number): number => Math.round(2_100 + 300 * Math.sin(phase + at)) / 100;
  const name = (at: number): string => NAMES[at] ?? `metric_${at}`;
  return {
    timestamp_ms,
    metrics: Object.fromEntries(Array.from({ length: metrics }, (_unused, at) => [name(at), value(at)])),
  };
}

const DEVICE: Device = {
  ...OWNER,
  name: 'Air handling unit 1',
  tags: { floor: '2', kind: 'ahu' },
  expected_interval_ms: 60 * SECOND_MS,
  widths: firstWidths(60 * SECOND_MS),
  disabled: false,
  last_seen_ms: START_MS,
  created_ms: START_MS,
  keys: [{ key_id: UUID.replaceAll('-', ''), created_ms: START_MS, last_used_ms: START_MS }],
};
const KEY: DeviceKey = {
  ...OWNER,
  key_id: UUID.replaceAll('-', ''),
  secret_sha256: SHA_256,
  created_ms: START_MS,
  revoked_ms: null,
};
const SESSION: Session = {
  token_sha256: SHA_256,
  session_id: UUID,
  tenant_id: OWNER.tenant_id,
  user_id: UUID,
  username: 'ada.lovelace',
  role: 'viewer',
  created_ms: START_MS,
  last_seen_ms: START_MS,
  fingerprint: { agent: SHA_256.slice(0, 16), network: SHA_256.slice(0, 16) },
};
const EVENT: AuditEvent = {
  event_id: UUID,
  timestamp_ms: START_MS,
  tenant_id: OWNER.tenant_id,
  action: 'auth.login',
  outcome: 'success',
  user_id: UUID,
  device_id: null,
  target: UUID,
  ip: '192.0.2.17',
  user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  request_id: UUID,
  source: 'http',
  detail: null,
};

const sized = (path: DocumentPath, fields: StoredFields): number => storedBytes(path, fields, REQUIRED);

/** A part of a tenant's day, with a row of what counting itself costs, and so many of devices. */
function usageBytes(devices: number): number {
  const [day, shard] = ['2026-01-01', 0];
  const counted = { reads: 1, writes: 1, deletes: 0, points: 1 };
  const rows = Array.from({ length: devices }, (_unused, at): UsageRow => ({
    function: 'ingestTelemetry',
    device_id: `room-${at}`,
    ...counted,
  }));
  const own = { function: OWN_FUNCTION, device_id: null, reads: 0, writes: 1, deletes: 0, points: 0 };
  const fields = usageFields(OWNER.tenant_id, { day, shard, rows: [own, ...rows] }, (count) => count);
  return sized(paths.usage(OWNER.tenant_id, day, shard), fields);
}
const USAGE_ROW_BYTES = usageBytes(2) - usageBytes(1);

/** Bytes of one document each, with its index entries. */
export const DOCUMENT_BYTES = {
  device:
    sized(paths.device(OWNER.tenant_id, OWNER.device_id), devices.write(DEVICE)) +
    sized(paths.deviceKey(KEY.key_id), deviceKeys.write(KEY)),
  session: sized(paths.session(SESSION.token_sha256), sessions.write(SESSION)),
  audit_event: sized(paths.auditEvent(EVENT.event_id), auditEvents.write(EVENT)),
  /** Without the rows of devices, which are in one document or another. */
  usage: usageBytes(1) - USAGE_ROW_BYTES,
  usage_row: USAGE_ROW_BYTES,
};
