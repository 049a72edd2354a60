/** What was used and is not stored yet, in bounded memory. */
import { SYSTEM_TENANT } from '../model/names.ts';
import {
  countersOf,
  MAX_COUNTERS,
  usageDay,
  usageShard,
  type UsagePart,
  type UsagePlace,
  type UsageRow,
} from '../model/usage.ts';
import type { Counts } from '../observability/meter.ts';

/** Who is charged: a tenant, by the function that it called and, where one is known to be its own, the device. */
export interface UsageOwner {
  readonly tenant_id: string;
  readonly function: string;
  readonly device_id: string | null;
}

/** One write's worth of one tenant's usage. */
export interface WaitingPart extends UsagePart {
  readonly tenant_id: string;
}

/** What the writes of usage themselves cost is told under this name. */
export const OWN_FUNCTION = 'usageCounters';

/** About 2 MiB. Devices beyond it are added to their tenant as a whole, and tenants beyond it to the platform's own. */
export const MAX_WAITING_ROWS = 10_000;

interface Shard extends UsagePlace {
  readonly tenant_id: string;
  readonly rows: Map<string, UsageRow>;
}

export class WaitingUsage {
  /** In the order in which they began to wait. */
  readonly #shards = new Map<string, Shard>();
  readonly #most: number;
  #rows = 0;

  constructor(most = MAX_WAITING_ROWS) {
    this.#most = most;
  }

  add(owner: UsageOwner, counted: Counts, now_ms: number): void {
    this.#addTo(owner, counted, usageDay(now_ms));
  }

  /** The longest waiting, as much of it as one write takes; null when nothing waits but what earlier writes cost. */
  take(): WaitingPart | null {
    for (const [key, shard] of this.#shards) {
      const rows = [...shard.rows.values()];
      if (rows.some((row) => row.function !== OWN_FUNCTION)) return this.#takeFrom(key, shard, rows);
    }
    return null;
  }

  /** What could not be stored waits again. */
  putBack({ tenant_id, day, rows }: WaitingPart): void {
    for (const row of rows) this.#addTo({ ...row, tenant_id }, row, day);
  }

  #addTo({ tenant_id, function: name, device_id }: UsageOwner, counted: Counts, day: string): void {
    const shard = usageShard(device_id);
    const shard_key = `${tenant_id} ${day} ${shard}`;
    const row_key = `${name} ${device_id ?? ''}`;
    const known = this.#shards.get(shard_key);
    const row = known?.rows.get(row_key);
    if (row === undefined && this.#rows >= this.#most) {
      const wider = device_id !== null ? tenant_id : SYSTEM_TENANT;
      const widest = device_id === null && tenant_id === SYSTEM_TENANT;
      if (!widest) {
        this.#addTo({ tenant_id: wider, function: name, device_id: null }, counted, day);
        return;
      }
    }
    const place = known ?? { tenant_id, day, shard, rows: new Map<string, UsageRow>() };
    if (known === undefined) this.#shards.set(shard_key, place);
    if (row === undefined) this.#rows += 1;
    place.rows.set(row_key, { function: name, device_id, ...sum(row, counted) });
  }

  #takeFrom(key: string, { rows: waiting, ...place }: Shard, all: readonly UsageRow[]): WaitingPart {
    const rows: UsageRow[] = [];
    let counters = 0;
    for (const row of all) {
      counters += countersOf(row);
      if (counters > MAX_COUNTERS) break;
      rows.push(row);
    }
    this.#shards.delete(key);
    this.#rows -= rows.length;
    // What is left waits behind the others.
    const left = [...waiting].slice(rows.length);
    if (left.length > 0) this.#shards.set(key, { ...place, rows: new Map(left) });
    return { ...place, rows };
  }
}

function sum(row: UsageRow | undefined, counted: Counts): Counts {
  const { reads, writes, deletes, points } = row ?? { reads: 0, writes: 0, deletes: 0, points: 0 };
  return {
    reads: reads + counted.reads,
    writes: writes + counted.writes,
    deletes: deletes + counted.deletes,
    points: points + counted.points,
  };
}
