/** What the suite does by itself: it sweeps, and counts who used how much. */
import { DAY_MS, SECOND_MS } from '@bas/core/clock';
import { COUNTERS, MAX_COUNTERS, USAGE_SHARDS, usageExpiry_ms } from '@bas/core/model/usage';
import { WRITE_EVERY_MS } from '@bas/core/usage/recorder';
import { schedules } from '../../../functions/src/schedules.ts';
import type { Assumptions } from './assumptions.ts';
import { causeOf, MONTH_S, TTL_LAG_DAYS, type Cause } from './causes.ts';
import { DOCUMENT_BYTES } from './documents.ts';
import type { Asked } from './instances.ts';
import { MONTH_DAYS } from './prices.ts';
import type { Traffic } from './traffic.ts';

/** A sweep asks for three kinds of rows, and an answer without any is one read. */
const READS_PER_SWEEP = 3;
const SWEEPS_PER_S = SECOND_MS / schedules.sweepSessions.every_ms;
/** What the platform itself uses is one tenant more, without devices. */
const OWN_DOCUMENTS = 1;
const USAGE_DAYS = usageExpiry_ms('1970-01-01') / DAY_MS + TTL_LAG_DAYS;

/** What a device's posts are told by: reads, writes and points. */
const COUNTERS_OF_DEVICE = 3;

export function sweeps(): Cause {
  return causeOf('sweeps', { reads: SWEEPS_PER_S * READS_PER_SWEEP * MONTH_S });
}

/**
 * A request begins the write of what its instance counted before, unless that was done not long ago; each write is a part
 * of one tenant's day. So a busy fleet of many small tenants has more to write than is written.
 */
export function usageCounters(a: Assumptions, t: Traffic): Cause {
  const sign_ins_per_s = (a.dashboards * a.sign_ins * SECOND_MS) / DAY_MS;
  const writes_per_s =
    writesPerS({ per_s: t.posts_per_s, instances: t.ingest_instances }) +
    writesPerS({ per_s: t.looks_per_s, instances: t.reading_instances }) * t.open_share +
    writesPerS({ per_s: sign_ins_per_s, instances: 1 }) +
    writesPerS({ per_s: SWEEPS_PER_S, instances: 1 });
  const writes = writes_per_s * MONTH_S;
  const wanted = t.tenants * documentsOfDay(a) + OWN_DOCUMENTS;
  const documents_per_day = Math.min(wanted, writes / MONTH_DAYS);
  const shown = Math.min(a.devices, a.dashboards * a.charts);
  const bytes_per_day = documents_per_day * DOCUMENT_BYTES.usage + (a.devices + shown) * DOCUMENT_BYTES.usage_row;
  return causeOf('usage counters', {
    writes,
    ttl_deletes: documents_per_day * MONTH_DAYS,
    stored_bytes: bytes_per_day * USAGE_DAYS,
  });
}

/** A tenant's day is one document, or all there may be once a write does not take what waits of it. */
function documentsOfDay({ devices_per_tenant }: Assumptions): number {
  return devices_per_tenant * COUNTERS_OF_DEVICE + COUNTERS.length <= MAX_COUNTERS ? 1 : USAGE_SHARDS;
}

function writesPerS({ per_s, instances }: Pick<Asked, 'per_s' | 'instances'>): number {
  return Math.min(per_s, (instances * SECOND_MS) / WRITE_EVERY_MS);
}
