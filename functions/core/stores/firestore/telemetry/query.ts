import type { Device } from '../../../model/entities.ts';
import type { Documents } from '../documents.ts';
import { Bucket } from './bucket.ts';
import { refuseMisplaced } from './soundness.ts';

export interface BucketRange {
  readonly from_ms: number;
  /** Exclusive; up to the newest when left out. */
  readonly below_ms?: number;
  readonly limit: number;
}

/** Up to `limit` buckets of a device, newest first. */
export async function queryBuckets(
  documents: Pick<Documents, 'query'>,
  { tenant_id, device_id }: Device,
  { from_ms, below_ms, limit }: BucketRange,
): Promise<readonly Bucket[]> {
  const found = await documents.query({
    shape: 'buckets',
    equal: [tenant_id, device_id],
    from: from_ms,
    ...(below_ms === undefined ? {} : { below: below_ms }),
    limit,
  });
  return found.map((document) => {
    const start_ms = document.fields.number('timestamp_ms');
    refuseMisplaced(document, { tenant_id, device_id, start_ms });
    return Bucket.read(start_ms, document);
  });
}
