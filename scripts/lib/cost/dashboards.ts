/** What looking comes to. Both designs remember alike: a chart that was shown is asked only for what is new. */
import { DASHBOARD_READS_PER_MINUTE } from '@bas/core/budgets/dashboard-reads';
import { DAY_MS, SECOND_MS } from '@bas/core/clock';
import { SESSION_ABSOLUTE_MS, SESSION_CACHE_MS, SESSION_TOUCH_MS } from '@bas/core/model/session-rules';
import { MAX_REMEMBERED } from '@bas/core/stores/firestore/request';
import { OLDER_BUCKETS_MS } from '@bas/core/stores/firestore/telemetry/view';
import type { Assumptions } from './assumptions.ts';
import { causeOf, MONTH_S, type Cause } from './causes.ts';
import { IDENTITY_CACHE } from './devices.ts';
import { DOCUMENT_BYTES } from './documents.ts';
import { readsThroughCache } from './instances.ts';
import { MONTH_DAYS } from './prices.ts';
import type { Traffic } from './traffic.ts';

/** Points that a chart shows. */
const SHOWN = 100;
/** The newest bucket may hold too few of them. */
const BUCKETS_AT_FIRST = 2;
/** One sign-in, as its answer's headers count it; a delete is counted there as a write. */
export const SIGN_IN = { reads: 9, writes: 5, deletes: 1 };
/** What a sign-in leaves behind is swept, a read and a delete each: the session, and the count of its network's tries. */
const SWEPT_AFTER_SIGN_IN = 2;

export interface Dashboards {
  /** The share of the looks wanted that the read budget grants. */
  readonly granted: number;
  readonly charts_of_buckets: Cause;
  readonly charts_of_points: Cause;
  readonly sessions: Cause;
  readonly sign_ins: Cause;
  /** Documents a month that the other design would read if every look read all the points it shows. */
  readonly reads_without_memory: number;
}

export function dashboardsOf(a: Assumptions, t: Traffic): Dashboards {
  const bucket_reads = bucketsPerLook(a, t);
  const touches_per_s = t.looks_per_s === 0 ? 0 : a.dashboards / (SESSION_TOUCH_MS / SECOND_MS);
  const asked_per_s = t.looks_per_s * bucket_reads + identityReads(a, t);
  const allowed_per_s = (a.dashboards * DASHBOARD_READS_PER_MINUTE) / 60 - touches_per_s;
  const granted = asked_per_s === 0 ? 1 : Math.min(1, allowed_per_s / asked_per_s);
  const open_s = MONTH_S * t.open_share;
  const looks = t.looks_per_s * granted * open_s;
  const first = firstLooks(a, t);
  return {
    granted,
    charts_of_buckets: causeOf('charts', { reads: looks * bucket_reads + first * BUCKETS_AT_FIRST }),
    charts_of_points: causeOf('charts', { reads: looks * pointsPerLook(a, t) + first * SHOWN }),
    sessions: causeOf('sessions', {
      reads: (identityReads(a, t) * granted + touches_per_s) * open_s,
      writes: touches_per_s * open_s,
      stored_bytes: a.dashboards * a.sign_ins * (SESSION_ABSOLUTE_MS / DAY_MS) * DOCUMENT_BYTES.session,
    }),
    sign_ins: signIns(a),
    reads_without_memory: looks * SHOWN,
  };
}

/** The newest bucket, the next one after a rollover, and an older one again when what is known of it is too old. */
function bucketsPerLook({ refresh_s }: Assumptions, { bucket, reading_instances }: Traffic): number {
  const between_s = refresh_s * reading_instances;
  const rolled_over = Math.min(1, between_s / (bucket.width_ms / SECOND_MS));
  const reaches_older = Math.min(1, SHOWN / bucket.points);
  const older_again = Math.min(1, between_s / (OLDER_BUCKETS_MS / SECOND_MS));
  return 1 + rolled_over + reaches_older * older_again;
}

/** The points that are new to the instance that is asked; an answer without any is one read. */
function pointsPerLook({ refresh_s, interval_s }: Assumptions, { reading_instances }: Traffic): number {
  return Math.min(SHOWN, Math.max(1, (refresh_s * reading_instances) / interval_s));
}

/** Looks a month that an instance cannot answer from what it has shown before. */
function firstLooks(a: Assumptions, { reading_instances }: Traffic): number {
  if (a.sign_ins === 0 || a.charts === 0) return 0;
  const looks_at_chart = (a.open_hours * 3_600) / a.sign_ins / a.refresh_s;
  const charts = a.dashboards * a.sign_ins * a.charts * MONTH_DAYS;
  return charts * Math.min(reading_instances, looks_at_chart);
}

/** Sessions and devices read a second to tell who may look at what, while dashboards are open. */
function identityReads(a: Assumptions, t: Traffic): number {
  const asked = { per_s: t.looks_per_s, instances: t.reading_instances };
  const sessions = { ttl_s: SESSION_CACHE_MS / SECOND_MS, max_entries: MAX_REMEMBERED };
  const shown = Math.min(a.devices, a.dashboards * a.charts);
  return (
    readsThroughCache({ ...asked, documents: a.dashboards }, sessions) +
    readsThroughCache({ ...asked, documents: shown }, IDENTITY_CACHE)
  );
}

function signIns({ dashboards, sign_ins }: Assumptions): Cause {
  const count = dashboards * sign_ins * MONTH_DAYS;
  return causeOf('sign-ins', {
    reads: count * (SIGN_IN.reads + SWEPT_AFTER_SIGN_IN),
    writes: count * SIGN_IN.writes,
    deletes: count * (SIGN_IN.deletes + SWEPT_AFTER_SIGN_IN),
  });
}
