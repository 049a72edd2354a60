/** The same assumptions for more and more devices, as a Markdown table. */
import { readAssumptions, type CostOptions } from './assumptions.ts';
import { brief, count, dollars, markdown } from './columns.ts';
import { bucketWritesPerS, passed } from './limits.ts';
import { monthOf } from './model.ts';
import { GIB } from './prices.ts';

const FLEETS = [10, 100, 1_000, 10_000, 100_000, 1_000_000];

const HEAD = [
  'devices',
  'dashboards',
  'writes/s',
  'reads',
  'writes',
  'deletes',
  'GiB',
  'this design',
  'document per point',
  'ratio',
  'bounds passed',
];

export function tableOf(options: CostOptions): string {
  return markdown([HEAD, ...FLEETS.map((devices) => rowOf(options, devices))]);
}

function rowOf(options: CostOptions, devices: number): string[] {
  const month = monthOf(readAssumptions(options, devices));
  const { buckets, points, assumptions } = month;
  const { reads, writes, deletes, ttl_deletes, stored_bytes } = buckets.total;
  const bounds = passed(month).map(({ name }) => name);
  return [
    count(devices),
    count(assumptions.dashboards),
    brief(bucketWritesPerS(month)),
    ...[reads, writes, deletes + ttl_deletes].map(count),
    brief(stored_bytes / GIB),
    dollars(buckets.dollars),
    dollars(points.dollars),
    buckets.dollars < 0.01 ? '–' : brief(points.dollars / buckets.dollars),
    bounds.length === 0 ? 'none' : bounds.join(', '),
  ];
}
