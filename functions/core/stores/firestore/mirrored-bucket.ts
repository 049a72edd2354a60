/** A bucket's document as a box looks at it: whatever somebody did to it by hand is told, never thrown. */
import { Timestamp } from '@google-cloud/firestore';
import { BrokenDocument } from '../../errors.ts';
import type { Point } from '../../model/point.ts';
import type { BucketPlace } from '../journal.ts';
import type { ListedBucket, MirroredBucket } from '../mirror.ts';
import type { StoredDocument } from './documents.ts';
import type { Fields } from './fields.ts';
import { paths, type DocumentPath } from './paths.ts';
import { Bucket } from './telemetry/bucket.ts';

/** Where a bucket is kept. Whose the document is that stands there is looked at by `readMirrored`. */
export function mirroredPath({ tenant_id, device_id, start_ms }: BucketPlace): DocumentPath {
  return anybodys(paths.bucket(tenant_id, device_id, start_ms));
}

/** The same path for a document that may turn out to be another tenant's, which is then told and mended. */
export function anybodys({ collection, id }: DocumentPath): DocumentPath {
  return { collection, id };
}

/** What `document` holds as the bucket of `place`; without points when it cannot be that. */
export function readMirrored(place: BucketPlace, document: StoredDocument): MirroredBucket {
  const update = formatUpdate(document.updated);
  try {
    const points = Bucket.read(place.start_ms, document).points.toReversed();
    const fault = misplaced(place, document.fields, points);
    return { update, points: fault === null ? points : [], fault };
  } catch (error) {
    if (!(error instanceof BrokenDocument)) throw error;
    return { update, points: [], fault: error.fault };
  }
}

/** What keeps readers of the bucket from finding it, or lets them find it as something else. */
function misplaced(place: BucketPlace, fields: Fields, points: readonly Point[]): string | null {
  const { tenant_id, device_id, start_ms } = place;
  const owner = `${fields.text('tenant_id')}/${fields.text('device_id')}`;
  if (owner !== `${tenant_id}/${device_id}`) return `it is said to be of ${owner}`;
  // One that holds no point is not to be found.
  if (points.length === 0 && fields.isAbsent('timestamp_ms')) return null;
  return fields.number('timestamp_ms') === start_ms ? null : 'it is said to begin at another time';
}

/** What is asked of every bucket, in the order of the query. */
export const LISTED = ['tenant_id', 'device_id', 'timestamp_ms'] as const;
/** No instant lies further from 1970. */
const LAST_INSTANT_MS = 8.64e15;

/** Null for one whose fields no query of a reader matches: it is not there for anybody. */
export function listed({ id: document_id, fields }: StoredDocument): ListedBucket | null {
  const [tenant_id, device_id, start_ms] = LISTED.map((name) => fields.raw(name));
  if (typeof tenant_id !== 'string' || typeof device_id !== 'string') return null;
  if (typeof start_ms !== 'number' || !(Math.abs(start_ms) <= LAST_INSTANT_MS)) return null;
  const place = { tenant_id, device_id, start_ms };
  return { ...place, document_id, in_place: mirroredPath(place).id === document_id };
}

/** An update time as text that keeps its nanoseconds. */
export function formatUpdate({ seconds, nanoseconds }: Timestamp): string {
  return `${seconds}.${nanoseconds}`;
}

export function parseUpdate(text: string): Timestamp {
  const [seconds = 0, nanoseconds = 0] = text.split('.').map(Number);
  return new Timestamp(seconds, nanoseconds);
}
