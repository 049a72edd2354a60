import { sha256 } from '../ids.ts';
import { mergeMetrics } from '../model/merge.ts';
import { planWrite } from '../model/write-plan.ts';
import type { ImportBucket, ImportStore } from '../stores/import.ts';
import { emptyTally, nothingTold, refuse, tell, type Comparison, type Tally } from './tally.ts';
import type { Unit } from './unit.ts';

/** The points of one bucket: one commit, and on Firestore one document written. */
export function bucketUnit(bucket: ImportBucket, reading: Tally): Unit {
  const { tenant_id, device_id } = bucket.device;
  return {
    reading,
    tenant_ids: [tenant_id],
    paced_by: JSON.stringify([tenant_id, device_id]),
    put: (store) => putBucket(store, bucket),
    compare: async (store) => compareBucket(bucket, await store.points(bucket.device, bucket)),
  };
}

/** Rows of which nothing is stored. */
export function remainderUnit(reading: Tally): Unit {
  const nothing = { expected: 0, equal: 0, missing: nothingTold(), different: nothingTold(), renewed: 0, checksum: '' };
  return {
    reading,
    tenant_ids: [],
    paced_by: null,
    put: () => Promise.resolve(emptyTally()),
    compare: () => Promise.resolve(nothing),
  };
}

async function putBucket(store: ImportStore, bucket: ImportBucket): Promise<Tally> {
  const tally = emptyTally();
  const { accepted, duplicates, rejected } = await store.putBucket(bucket);
  tally.stored = accepted;
  tally.already_there = duplicates;
  for (const { index, code, detail } of rejected) {
    const name = nameOf(bucket, bucket.points[index]?.timestamp_ms ?? Number.NaN);
    if (code === 'conflict')
      tell(tally.conflicts, `${name}: another value is there (${detail.split(' ', 1)[0] ?? ''})`);
    else refuse(tally, code, name);
  }
  return tally;
}

/** What the legacy points come to by themselves, beside what is stored at their instants; more metrics may be there. */
function compareBucket(bucket: ImportBucket, stored: ReadonlyMap<number, string>): Comparison {
  const plan = planWrite({ buckets: [bucket], rejected: [] }, () => EMPTY, { overwrite: false });
  const expected = plan.changes[0]?.points ?? new Map<number, string>();
  const missing = nothingTold();
  const different = nothingTold();
  const found: (readonly [number, string | null])[] = [];
  let equal = 0;
  for (const [timestamp_ms, metrics] of expected) {
    const text = stored.get(timestamp_ms);
    found.push([timestamp_ms, text ?? null]);
    if (text === undefined) tell(missing, nameOf(bucket, timestamp_ms));
    else if (mergeMetrics(text, metrics, false).kind === 'duplicate') equal += 1;
    else tell(different, nameOf(bucket, timestamp_ms));
  }
  return { expected: expected.size, equal, missing, different, renewed: 0, checksum: sha256(JSON.stringify(found)) };
}

const EMPTY = { bytes: 0, metricsAt: () => undefined };

function nameOf({ device }: ImportBucket, timestamp_ms: number): string {
  return `${device.device_id} of ${device.tenant_id} at ${timestamp_ms}`;
}
