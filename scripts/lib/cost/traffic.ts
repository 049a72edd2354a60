/** What devices and dashboards do a second, by the assumptions and by what the suite lets them do. */
import { DEVICE_WRITES_PER_MINUTE } from '@bas/core/budgets/device-writes';
import { SECOND_MS } from '@bas/core/clock';
import type { Assumptions } from './assumptions.ts';
import { fullBucket, type SizedBucket } from './documents.ts';
import { instancesFor } from './instances.ts';

export interface Traffic {
  readonly bucket: SizedBucket;
  readonly points_per_s: number;
  /** As many as asked for, or as many as the write budget forces. */
  readonly points_per_post: number;
  readonly posts_per_s: number;
  readonly ingest_instances: number;
  /** Share of the day that dashboards are open. */
  readonly open_share: number;
  /** Of all dashboards while they are open. */
  readonly looks_per_s: number;
  readonly reading_instances: number;
  readonly tenants: number;
}

export function trafficOf(a: Assumptions): Traffic {
  const least = Math.ceil(60 / (DEVICE_WRITES_PER_MINUTE * a.interval_s));
  const points_per_post = Math.max(a.points_per_post, least);
  const points_per_s = a.devices / a.interval_s;
  const posts_per_s = points_per_s / points_per_post;
  const looks_per_s = (a.dashboards * a.charts) / a.refresh_s;
  return {
    bucket: fullBucket(a.interval_s * SECOND_MS, a.metrics),
    points_per_s,
    points_per_post,
    posts_per_s,
    ingest_instances: instancesFor(posts_per_s, a.requests_per_instance),
    open_share: a.open_hours / 24,
    looks_per_s,
    reading_instances: instancesFor(looks_per_s, a.requests_per_instance),
    tenants: Math.ceil(a.devices / a.devices_per_tenant),
  };
}
