/** A month of both designs, cause by cause. Devices, people and looks are the same; only how points are kept differs. */
import { DAY_MS } from '@bas/core/clock';
import { AUDIT_RETENTION_MS } from '@bas/core/model/retention';
import type { Assumptions } from './assumptions.ts';
import { causeOf, TTL_LAG_DAYS, type Cause } from './causes.ts';
import { dashboardsOf } from './dashboards.ts';
import { devicesKnown, pointsAsDocuments, pointsInBuckets } from './devices.ts';
import { DOCUMENT_BYTES, pointDocumentBytes, sampleAt, START_MS } from './documents.ts';
import { add, billOf, dollarsOf, MONTH_DAYS, NOTHING, type Amounts, type Bill } from './prices.ts';
import { trafficOf, type Traffic } from './traffic.ts';
import { sweeps, usageCounters } from './upkeep.ts';

export interface Design {
  readonly causes: readonly Cause[];
  readonly total: Amounts;
  readonly bill: Bill;
  readonly dollars: number;
  readonly bytes_per_point: number;
}

export interface Month {
  readonly assumptions: Assumptions;
  readonly traffic: Traffic;
  /** Below 1 when the read budget keeps dashboards from looking as often as they would. */
  readonly looks_granted: number;
  readonly buckets: Design;
  readonly points: Design;
  /** What the other design would read for charts if every look read all the points it shows. */
  readonly points_reads_without_memory: number;
}

export function monthOf(assumptions: Assumptions): Month {
  const traffic = trafficOf(assumptions);
  const dashboards = dashboardsOf(assumptions, traffic);
  const shared = [
    devicesKnown(assumptions, traffic),
    dashboards.sessions,
    dashboards.sign_ins,
    auditEvents(assumptions, traffic),
    sweeps(),
    usageCounters(assumptions, traffic),
  ];
  const { bucket } = traffic;
  const point_bytes = pointDocumentBytes(sampleAt(START_MS, assumptions.metrics));
  const in_buckets = [pointsInBuckets(assumptions, traffic), dashboards.charts_of_buckets, ...shared];
  const as_documents = [pointsAsDocuments(assumptions, traffic, point_bytes), dashboards.charts_of_points, ...shared];
  return {
    assumptions,
    traffic,
    looks_granted: dashboards.granted,
    buckets: designOf(in_buckets, bucket.stored_bytes / bucket.points),
    points: designOf(as_documents, point_bytes),
    points_reads_without_memory: dashboards.reads_without_memory,
  };
}

function designOf(causes: readonly Cause[], bytes_per_point: number): Design {
  const total = causes.reduce<Amounts>(add, NOTHING);
  const bill = billOf(total);
  return { causes, total, bill, dollars: dollarsOf(bill), bytes_per_point };
}

/** A sign-in's own event was written with it; it is kept and expires like the others. */
function auditEvents(a: Assumptions, { tenants }: Traffic): Cause {
  const others_per_day = a.audit_events * tenants;
  const per_day = others_per_day + a.dashboards * a.sign_ins;
  return causeOf('audit events', {
    writes: others_per_day * MONTH_DAYS,
    ttl_deletes: per_day * MONTH_DAYS,
    stored_bytes: per_day * (AUDIT_RETENTION_MS / DAY_MS + TTL_LAG_DAYS) * DOCUMENT_BYTES.audit_event,
  });
}
