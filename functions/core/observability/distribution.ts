/** A value of Cloud Monitoring's `Distribution`: https://cloud.google.com/monitoring/api/ref_v3/rpc/google.api#distribution */
import * as z from 'zod';
import type { Histogram } from './histogram.ts';

const Whole = z.coerce.number().int().nonnegative();

const BucketOptions = z.object({
  explicitBuckets: z.object({ bounds: z.array(z.number()) }).nullish(),
  exponentialBuckets: z.object({ numFiniteBuckets: Whole, growthFactor: z.number(), scale: z.number() }).nullish(),
  linearBuckets: z.object({ numFiniteBuckets: Whole, width: z.number(), offset: z.number() }).nullish(),
});

export const Distribution = z.object({
  count: Whole,
  mean: z.number(),
  bucketOptions: BucketOptions.nullish(),
  /** The last ones are left out when they are 0. */
  bucketCounts: z.array(Whole),
});
export type Distribution = z.infer<typeof Distribution>;

export function histogramOf({ bucketOptions, bucketCounts }: Distribution): Histogram {
  const bounds = boundsOf(bucketOptions ?? {});
  return { bounds, counts: Array.from({ length: bounds.length + 1 }, (_, at) => bucketCounts[at] ?? 0) };
}

function boundsOf({ explicitBuckets, exponentialBuckets, linearBuckets }: z.infer<typeof BucketOptions>): number[] {
  if (exponentialBuckets) {
    const { numFiniteBuckets, growthFactor, scale } = exponentialBuckets;
    return series(numFiniteBuckets, (at) => scale * growthFactor ** at);
  }
  if (linearBuckets) {
    const { numFiniteBuckets, width, offset } = linearBuckets;
    return series(numFiniteBuckets, (at) => offset + width * at);
  }
  return explicitBuckets?.bounds ?? [];
}

/** Finite buckets have one bound more than there are of them. */
function series(buckets: number, bound: (at: number) => number): number[] {
  return Array.from({ length: buckets + 1 }, (_, at) => bound(at));
}
