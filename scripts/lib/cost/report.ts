/** A month as a person reads it. */
import { DEVICE_WRITES_PER_MINUTE } from '@bas/core/budgets/device-writes';
import { HOUR_MS } from '@bas/core/clock';
import { MAX_BUCKET_BYTES } from '@bas/core/model/bucket';
import type { Assumptions } from './assumptions.ts';
import { brief, columns, count, dollars } from './columns.ts';
import type { Cause } from './causes.ts';
import { limitsOf } from './limits.ts';
import type { Design, Month } from './model.ts';
import { GIB, MONTH_DAYS, PRICES, type Amounts } from './prices.ts';

const AMOUNTS = {
  reads: 'document reads',
  writes: 'document writes',
  deletes: 'deletes',
  ttl_deletes: 'deletes by TTL',
  stored_bytes: 'stored GiB',
} as const satisfies Record<keyof Amounts, string>;
const NAMES = ['reads', 'writes', 'deletes', 'ttl_deletes', 'stored_bytes'] as const satisfies (keyof Amounts)[];

export function report(month: Month): string {
  return [
    assumed(month),
    sideBySide(month),
    causes('This design, by cause', month.buckets.causes),
    causes('A document per point, where it differs', differing(month)),
    ends(month),
    sources(month),
  ]
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function assumed({ assumptions: a, traffic: t, looks_granted }: Month): string[] {
  return [
    'Assumed',
    ...labelled(assumptionRows(a)),
    '',
    ...columns([
      ['posts a second', brief(t.posts_per_s)],
      ['points in a post', count(t.points_per_post)],
      ['points in a bucket', `${count(t.bucket.points)} in ${brief(t.bucket.width_ms / HOUR_MS)} h`],
      ['size of a full bucket', `${brief(t.bucket.document_bytes / 1e3)} of ${count(MAX_BUCKET_BYTES / 1e3)} kB`],
      ['instances that take posts', count(t.ingest_instances)],
      ['instances that show charts', count(t.reading_instances)],
    ]),
    ...(t.points_per_post > a.points_per_post
      ? [
          `  A device may post ${DEVICE_WRITES_PER_MINUTE} times a minute, so it must send ${t.points_per_post} points together.`,
        ]
      : []),
    ...(looks_granted < 1
      ? [`  The read budget grants ${brief(looks_granted * 100)} % of the looks; the rest see what is remembered.`]
      : []),
  ];
}

function assumptionRows(a: Assumptions): string[][] {
  return [
    ['devices', count(a.devices), '--devices'],
    ['seconds between points', count(a.interval_s), '--interval'],
    ['points a device sends together', count(a.points_per_post), '--points-per-post'],
    ['values in a point', count(a.metrics), '--metrics'],
    ['days that points are kept', count(a.retention_days), '--retention-days'],
    ['devices of a tenant', count(a.devices_per_tenant), '--devices-per-tenant'],
    ['dashboards', count(a.dashboards), '--dashboards'],
    ['charts on a dashboard', count(a.charts), '--charts'],
    ['seconds between looks', count(a.refresh_s), '--refresh'],
    ['hours a day it is open', count(a.open_hours), '--open-hours'],
    ['sign-ins a day and dashboard', count(a.sign_ins), '--sign-ins'],
    ['audit events a day and tenant', count(a.audit_events), '--audit-events'],
    ['requests a second and instance', count(a.requests_per_instance), '--requests-per-instance'],
  ];
}

function sideBySide({ buckets, points, points_reads_without_memory }: Month): string[] {
  const figure = (design: Design, name: keyof Amounts): string =>
    name === 'stored_bytes' ? brief(design.total.stored_bytes / GIB) : count(design.total[name]);
  const rows = NAMES.map((name) => [
    AMOUNTS[name],
    figure(buckets, name),
    dollars(buckets.bill[name]),
    figure(points, name),
    dollars(points.bill[name]),
  ]);
  return [
    `A month of ${MONTH_DAYS} days`,
    ...columns([
      ['', 'this design', '', 'a document per point', ''],
      ...rows,
      ['bill', '', dollars(buckets.dollars), '', dollars(points.dollars)],
      ['bytes a point', brief(buckets.bytes_per_point), '', brief(points.bytes_per_point), ''],
    ]),
    '  Both are taken to remember what a chart has shown. Without that, charts of the other design would read',
    `  ${count(points_reads_without_memory)} documents.`,
  ];
}

function differing({ buckets, points }: Month): readonly Cause[] {
  return points.causes.filter((cause) => !buckets.causes.includes(cause));
}

function causes(title: string, causes: readonly Cause[]): string[] {
  const rows = causes.map((cause) => [
    cause.cause,
    ...NAMES.map((name) => (name === 'stored_bytes' ? brief(cause.stored_bytes / GIB) : count(cause[name]))),
  ]);
  return [title, ...columns([['', ...NAMES.map((name) => AMOUNTS[name])], ...rows])];
}

function ends(month: Month): string[] {
  const { devices } = month.assumptions;
  const rows = limitsOf(month).map(({ name, what, per_s, bound_per_s, at_devices }) => [
    name,
    `${brief(per_s)} of ${count(bound_per_s)}`,
    count(at_devices),
    `${devices > at_devices ? 'PASSED' : 'kept'}: ${what}`,
  ]);
  return ['Where it ends', ...labelled([['bound', 'a second', 'at devices', ''], ...rows])];
}

/** Aligned, but for the last cell, which is text. */
function labelled(rows: readonly (readonly string[])[]): string[] {
  const lines = columns(rows.map((row) => row.slice(0, -1)));
  return lines.map((line, at) => `${line}  ${rows[at]?.at(-1) ?? ''}`.trimEnd());
}

function sources({ buckets, points }: Month): string[] {
  const { per_100k, per_100k_ttl_deletes, per_gib_month, free, region, checked } = PRICES;
  return [
    `Prices: ${region}, Standard edition, ${checked}`,
    `  per 100,000: reads $${per_100k.reads}, writes $${per_100k.writes}, deletes $${per_100k.deletes}, by TTL $${per_100k_ttl_deletes}`,
    `  stored: $${per_gib_month} a GiB and month; the one price not read on Google's own pages`,
    `  free a day: ${count(free.reads_per_day)} reads, ${count(free.writes_per_day)} writes, ${count(free.deletes_per_day)} deletes; 1 GiB stored`,
    '  Not in it: invocations, CPU, network, logs, backups. docs/cost.md has the sources.',
    `  Nor point-in-time recovery, which prod has on: all that is stored once more, ${again(buckets)} or ${again(points)}.`,
  ];
}

/** It is billed by the size of the database and has nothing free: taken at the price of storage. */
function again({ total }: Design): string {
  return dollars((total.stored_bytes / GIB) * PRICES.per_gib_month);
}
