/** How often an instance must read what it could have remembered. Requests go to any instance, as the platform likes. */

export interface Asked {
  /** Requests of all instances together. */
  readonly per_s: number;
  /** Different documents they ask for, each as often. */
  readonly documents: number;
  readonly instances: number;
}

export interface Cache {
  readonly ttl_s: number;
  readonly max_entries: number;
}

export function instancesFor(requests_per_s: number, requests_per_instance: number): number {
  return Math.max(1, Math.ceil(requests_per_s / requests_per_instance));
}

/**
 * Documents read a second through a cache. What is asked for at random times is read once for every time it is kept and
 * then waited for; where there are more documents than places, each is kept only until others have taken its place.
 */
export function readsThroughCache({ per_s, documents, instances }: Asked, { ttl_s, max_entries }: Cache): number {
  if (per_s === 0) return 0;
  const per_document = per_s / documents / instances;
  const pushed_out_s = documents > max_entries ? max_entries / (documents - max_entries) / per_document : Infinity;
  return per_s / (1 + per_document * Math.min(ttl_s, pushed_out_s));
}

/**
 * The share of posts whose bucket the instance knows as it is: it made the device's last post, and has not had to forget
 * the bucket for those of others since.
 */
export function knownBuckets(devices: number, instances: number, max_buckets: number): number {
  return devices / instances <= max_buckets ? 1 / instances : 0;
}
