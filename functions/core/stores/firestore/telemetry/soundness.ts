/** What readers refuse of documents that somebody changed by hand: what it costs to look is a few microseconds a bucket. */
import { BrokenDocument } from '../../../errors.ts';
import type { BucketPlace, DeviceRef } from '../../journal.ts';
import type { StoredDocument } from '../documents.ts';
import { paths } from '../paths.ts';
import type { Bucket } from './bucket.ts';

/** A bucket that is said to be this device's, and is kept where another's belongs, may hold another tenant's points. */
export function refuseMisplaced({ id }: StoredDocument, { tenant_id, device_id, start_ms }: BucketPlace): void {
  const place = paths.bucket(tenant_id, device_id, start_ms);
  if (id !== place.id)
    throw new BrokenDocument(`${place.collection}/${id}`, `it is said to be what belongs at ${place.id}`);
}

/** Answers are put together from stored texts: one that is no JSON would make the whole answer none. */
export function refuseUnsound({ start_ms, unsound_ms }: Bucket, { tenant_id, device_id }: DeviceRef): void {
  if (unsound_ms === null) return;
  const { collection, id } = paths.bucket(tenant_id, device_id, start_ms);
  throw new BrokenDocument(`${collection}/${id}`, `the point at ${unsound_ms} is no metrics`);
}
