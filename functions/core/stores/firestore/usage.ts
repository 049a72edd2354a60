import { Timestamp } from '@google-cloud/firestore';
import { DAY_MS } from '../../clock.ts';
import {
  COUNTERS,
  countersOf,
  MAX_COUNTERS,
  USAGE_SHARDS,
  usageExpiry_ms,
  type UsagePart,
  type UsagePlace,
  type UsageRow,
} from '../../model/usage.ts';
import type { Counts } from '../../observability/meter.ts';
import type { UsageStore } from '../contracts.ts';
import { increment } from './documents.ts';
import { tooContended } from './errors.ts';
import type { Fields } from './fields.ts';
import { paths } from './paths.ts';
import { afterId } from './queries.ts';
import type { Scope } from './request.ts';
import type { StoredDocument } from './stored.ts';

type Plain = Readonly<Record<string, unknown>>;

/** One document for a tenant, day and shard: counters by function, and by device and function. None is indexed. */
export class FirestoreUsage implements UsageStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  async add(part: UsagePart): Promise<void> {
    const { tenant_id, documents } = this.#scope;
    const counters = part.rows.reduce((sum, row) => sum + countersOf(row), 0);
    if (counters > MAX_COUNTERS) throw new RangeError(`${counters} counters of usage in one write`);
    const path = paths.usage(tenant_id, part.day, part.shard);
    const times = await documents.commit([{ kind: 'merge', path, fields: usageFields(tenant_id, part, increment) }]);
    if (times === null) throw tooContended();
  }

  async list(from: UsagePlace, last_day: string, limit: number): Promise<readonly UsagePart[]> {
    const { tenant_id, documents } = this.#scope;
    if (from.day > last_day) return [];
    // No document has the id of a day alone: just before its first shard.
    const before = from.shard === 0 ? [] : [String(from.shard - 1)];
    const after = afterId(tenant_id, from.day, ...before);
    const days = Math.round((Date.parse(last_day) - Date.parse(from.day)) / DAY_MS) + 1;
    const most = Math.min(limit, days * USAGE_SHARDS);
    const found = await documents.query({ shape: 'usage', equal: [tenant_id], after, limit: most });
    return found.map(partOf).filter(({ day }) => day <= last_day);
  }
}

/** What a document holds of `part`; `counter` makes what stands in the place of a count. */
export function usageFields(
  tenant_id: string,
  { day, shard, rows }: UsagePart,
  counter: (count: number) => unknown,
): Plain {
  const expire_at = Timestamp.fromMillis(usageExpiry_ms(day));
  return { tenant_id, day, shard, expire_at, ...countersIn(rows, counter) };
}

/** There is one row of a function and device: a second would take the place of the first. */
function countersIn(rows: readonly UsageRow[], counter: (count: number) => unknown): Plain {
  const ofNone = new Map<string, Plain>();
  const ofDevices = new Map<string, Map<string, Plain>>();
  for (const row of rows) {
    const functions = row.device_id === null ? ofNone : (ofDevices.get(row.device_id) ?? new Map<string, Plain>());
    if (row.device_id !== null) ofDevices.set(row.device_id, functions);
    functions.set(row.function, Object.fromEntries(countsOf(row).map(([name, count]) => [name, counter(count)])));
  }
  const devices = new Map([...ofDevices].map(([device_id, functions]) => [device_id, Object.fromEntries(functions)]));
  // An empty map in a merge would empty the one that is there.
  return Object.fromEntries(
    Object.entries({ functions: ofNone, devices })
      .filter(([, map]) => map.size > 0)
      .map(([name, map]) => [name, Object.fromEntries<Plain>(map)]),
  );
}

function countsOf(row: UsageRow): [name: keyof Counts, count: number][] {
  return COUNTERS.filter((name) => row[name] > 0).map((name) => [name, row[name]]);
}

function partOf({ fields }: StoredDocument): UsagePart {
  const ofNone = fields.isAbsent('functions') ? [] : rowsOf(fields.map('functions'), null);
  const devices = fields.isAbsent('devices') ? [] : fields.maps('devices');
  const ofDevices = devices.flatMap(([device_id, functions]) => rowsOf(functions, device_id));
  return { day: fields.text('day'), shard: fields.number('shard'), rows: [...ofNone, ...ofDevices] };
}

function rowsOf(functions: Fields, device_id: string | null): readonly UsageRow[] {
  return functions.members().map(([name, counters]) => ({
    function: name,
    device_id,
    reads: counters.numberOrNull('reads') ?? 0,
    writes: counters.numberOrNull('writes') ?? 0,
    deletes: counters.numberOrNull('deletes') ?? 0,
    points: counters.numberOrNull('points') ?? 0,
  }));
}
