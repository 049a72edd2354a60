import type { HomeConfig } from '@bas/core/config';
import * as z from 'zod';
import { contentsOf } from './legacy.ts';

export interface StoredBucket {
  readonly device_id: string;
  readonly start_ms: number;
  readonly points: number;
}

const Row = z.object({ device_id: z.string(), start_ms: z.int(), end_ms: z.int() });
const PointRow = z.object({ device_id: z.string(), timestamp_ms: z.int() });
const Document = z.object({
  fields: z.object({
    device_id: z.object({ stringValue: z.string() }),
    timestamp_ms: z.object({ integerValue: z.string() }),
    points: z.object({ mapValue: z.object({ fields: z.record(z.string(), z.unknown()) }) }),
  }),
});

/** The buckets of a store, by device and start. */
export async function openBuckets(home: HomeConfig): Promise<readonly StoredBucket[]> {
  const { telemetry = [], telemetry_buckets = [] } = await contentsOf(home);
  const points = home.kind === 'sqlite' ? z.array(PointRow).parse(telemetry) : [];
  const buckets: StoredBucket[] =
    home.kind === 'sqlite'
      ? z
          .array(Row)
          .parse(telemetry_buckets)
          .map(({ device_id, start_ms, end_ms }) => {
            const inside = points.filter((point) => point.device_id === device_id && point.timestamp_ms >= start_ms);
            return { device_id, start_ms, points: inside.filter(({ timestamp_ms }) => timestamp_ms < end_ms).length };
          })
      : z
          .array(Document)
          .parse(telemetry)
          .map(({ fields }) => ({
            device_id: fields.device_id.stringValue,
            start_ms: Number(fields.timestamp_ms.integerValue),
            points: Object.keys(fields.points.mapValue.fields).length,
          }));
  return buckets.sort((a, b) =>
    a.device_id < b.device_id ? -1 : a.device_id > b.device_id ? 1 : a.start_ms - b.start_ms,
  );
}
