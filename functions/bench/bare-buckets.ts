/** The yardstick of the backfill: the SDK alone writes the same documents, which lie ready. Prints its milliseconds. */
import { Firestore, Timestamp } from '@google-cloud/firestore';
import { HOUR_MS } from '@bas/core/clock';
import { bucketAt, firstWidths, pointBytes } from '@bas/core/model/bucket';
import { TELEMETRY_RETENTION_MS } from '@bas/core/model/retention';
import { metricsAt } from './fixture.ts';

export const TENANT_ID = 'bench';

export interface History {
  readonly newest_ms: number;
  readonly days: number;
  readonly per_hour: number;
}

export interface BareOrder extends History {
  readonly devices: number;
  readonly at_once: number;
  readonly project_id: string;
  readonly emulator_host: string;
}

/** Oldest first. */
export function instants({ newest_ms, days, per_hour }: History): number[] {
  const interval_ms = HOUR_MS / per_hour;
  return Array.from({ length: days * 24 * per_hour }, (_unused, at) => newest_ms - at * interval_ms).reverse();
}

async function writeBare(order: BareOrder): Promise<number> {
  const documents = bucketDocuments(order);
  const firestore = new Firestore({ projectId: order.project_id, host: order.emulator_host, ssl: false });
  // The connection is no part of the work, neither here nor there.
  await firestore.collection('telemetry').limit(1).get();
  const started = performance.now();
  let next = 0;
  const writer = async (): Promise<void> => {
    for (let at = next++; at < documents.length; at = next++) {
      const [id, fields] = documents[at] ?? ['', {}];
      await firestore.collection('telemetry').doc(id).create(fields);
    }
  };
  await Promise.all(Array.from({ length: order.at_once }, writer));
  const took_ms = performance.now() - started;
  await firestore.terminate();
  return took_ms;
}

function bucketDocuments(order: BareOrder): (readonly [id: string, fields: Readonly<Record<string, unknown>>])[] {
  const widths = firstWidths(HOUR_MS / order.per_hour);
  const buckets = Map.groupBy(instants(order), (timestamp_ms) => bucketAt(widths, timestamp_ms).start_ms);
  return [...buckets].flatMap(([start_ms, times]) => {
    const { end_ms } = bucketAt(widths, start_ms);
    return Array.from({ length: order.devices }, (_unused, device) => {
      const device_id = `ahu-${device}`;
      const points = Object.fromEntries(times.map((time_ms) => [String(time_ms - start_ms), metricsAt(time_ms)]));
      const bytes = Object.values(points).reduce((sum, metrics) => sum + pointBytes(metrics), 0);
      const expire_at = Timestamp.fromMillis(end_ms + TELEMETRY_RETENTION_MS);
      const fields = { tenant_id: TENANT_ID, device_id, timestamp_ms: start_ms, points, bytes, expire_at };
      return [`${TENANT_ID}~${device_id}~${start_ms}`, fields] as const;
    });
  });
}

if (import.meta.main) process.stdout.write(String(await writeBare(JSON.parse(process.argv[2] ?? '') as BareOrder)));
