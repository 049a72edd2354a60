/** What posting points comes to, in either design. */
import { DAY_MS, SECOND_MS } from '@bas/core/clock';
import { IDENTITY_CACHE_MS, MAX_REMEMBERED } from '@bas/core/stores/firestore/request';
import { MAX_WEIGHT } from '@bas/core/stores/firestore/telemetry/memory';
import { TOUCH_MS } from '@bas/core/tenancy/device-key';
import type { Assumptions } from './assumptions.ts';
import { causeOf, MONTH_S, TTL_LAG_DAYS, type Cause } from './causes.ts';
import { DOCUMENT_BYTES } from './documents.ts';
import { knownBuckets, readsThroughCache } from './instances.ts';
import type { Traffic } from './traffic.ts';

/** What an instance remembers of devices, keys and tenants. */
export const IDENTITY_CACHE = { ttl_s: IDENTITY_CACHE_MS / SECOND_MS, max_entries: MAX_REMEMBERED };

/** What an instance reads before it knows who posts: the key and the device. */
export const IDENTITY_READS = 2;
/** Noting the last use, once an hour: the device is read to be changed, and again because it has changed. */
export const TOUCH = { reads: 2, writes: 1 };

function pointsKept({ retention_days }: Assumptions, { points_per_s }: Traffic): number {
  return (points_per_s * (retention_days + TTL_LAG_DAYS) * DAY_MS) / SECOND_MS;
}

/** A post writes its bucket, and the next as well when its points reach beyond the end. */
export function pointsInBuckets(a: Assumptions, t: Traffic): Cause {
  const { points, stored_bytes, memory_weight } = t.bucket;
  const touched = t.posts_per_s * MONTH_S * (1 + (t.points_per_post - 1) / points);
  const known = knownBuckets(a.devices, t.ingest_instances, MAX_WEIGHT / memory_weight);
  return causeOf('points', {
    reads: touched * (1 - known),
    writes: touched,
    ttl_deletes: (t.points_per_s * MONTH_S) / points,
    stored_bytes: (pointsKept(a, t) * stored_bytes) / points,
  });
}

/** Sending several together saves requests, but no writes. */
export function pointsAsDocuments(a: Assumptions, t: Traffic, bytes_per_point: number): Cause {
  const points = t.points_per_s * MONTH_S;
  return causeOf('points', {
    writes: points,
    ttl_deletes: points,
    stored_bytes: pointsKept(a, t) * bytes_per_point,
  });
}

/** Key, device and tenant of each post, from memory for a while; the last use is noted once an hour. */
export function devicesKnown({ devices }: Assumptions, t: Traffic): Cause {
  const asked = { per_s: t.posts_per_s, instances: t.ingest_instances };
  const own = readsThroughCache({ ...asked, documents: devices }, IDENTITY_CACHE);
  const tenants = readsThroughCache({ ...asked, documents: t.tenants }, IDENTITY_CACHE);
  const touches = Math.min(t.posts_per_s, devices / (TOUCH_MS / SECOND_MS));
  return causeOf('devices and keys', {
    reads: (IDENTITY_READS * own + tenants + touches * TOUCH.reads) * MONTH_S,
    writes: touches * TOUCH.writes * MONTH_S,
    stored_bytes: devices * DOCUMENT_BYTES.device,
  });
}
