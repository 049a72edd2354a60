/** What was used and is not stored yet, in bounded memory. */
import { SYSTEM_TENANT } from '../model/names.ts';
import {
  addCounts,
  COUNTERS,
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
  /** By tenant, the day of which it has more than one document is to hold. */
  readonly #spread = new Map<string, string>();
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

  /**
   * What the store will never take as it is, most likely because the document is full: it waits again, first spread over
   * the tenant's documents and then as the tenant's as a whole. False when that was refused as well, and it is lost.
   */
  putBackOtherwise(part: WaitingPart): boolean {
    const { tenant_id, day, shard, rows } = part;
    if (rows.every(({ device_id }) => device_id === null)) return false;
    if (rows.some(({ device_id }) => usageShard(device_id) !== shard)) {
      this.#spread.set(tenant_id, day);
      this.putBack(part);
    } else {
      for (const row of rows) this.#addTo({ ...row, tenant_id, device_id: null }, row, day);
    }
    return true;
  }

  #addTo({ tenant_id, function: name, device_id }: UsageOwner, counted: Counts, day: string): void {
    const row_key = `${name} ${device_id ?? ''}`;
    const shard = this.#shardOf(tenant_id, day, device_id, row_key);
    const shard_key = keyOf(tenant_id, day, shard);
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
    place.rows.set(row_key, { function: name, device_id, ...addCounts(row, counted) });
  }

  /** A tenant's day is one document, for each is a write of its own; it is several once there is more than one write takes. */
  #shardOf(tenant_id: string, day: string, device_id: string | null, row_key: string): number {
    if (this.#spread.get(tenant_id) === day) return usageShard(device_id);
    const rows = this.#shards.get(keyOf(tenant_id, day, 0))?.rows;
    if (rows === undefined || rows.has(row_key) || fitsOneWrite(rows)) return 0;
    this.#spread.set(tenant_id, day);
    return usageShard(device_id);
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

function keyOf(tenant_id: string, day: string, shard: number): string {
  return `${tenant_id} ${day} ${shard}`;
}

/** Whether there is room for one more row, whatever it will count. */
function fitsOneWrite(rows: ReadonlyMap<string, UsageRow>): boolean {
  let counters: number = COUNTERS.length;
  for (const row of rows.values()) counters += countersOf(row);
  return counters <= MAX_COUNTERS;
}
