import * as z from 'zod';
import { DAY_MS } from '../clock.ts';
import { Problem } from '../errors.ts';
import type { Visit } from '../http/exchange.ts';
import { cutPage } from '../http/paging.ts';
import { wholeNumber } from '../http/query.ts';
import { decodeCursor, encodeCursor } from '../model/cursor.ts';
import { DeviceId } from '../model/names.ts';
import { USAGE_RETENTION_MS } from '../model/retention.ts';
import { addCounts, usageDay, type UsagePart, type UsagePlace, type UsageRow } from '../model/usage.ts';
import type { TenantStores } from '../stores/contracts.ts';

/** How far a question may reach, and does when it does not say. */
const MAX_DAYS = 90;
const DEFAULT_DAYS = 7;

const Instant = wholeNumber(0, 8_640_000_000_000_000);
const Place = z.strictObject({
  day: z.iso.date(),
  function: z.string().max(64),
  device_id: DeviceId.nullable(),
});
type Place = z.infer<typeof Place>;

export const UsageQuery = z.strictObject({
  start_ms: Instant.optional(),
  end_ms: Instant.optional(),
  limit: wholeNumber(1, 1_000).default(100),
  cursor: z.string().min(1).optional(),
});

type Row = UsageRow & Place;

/** What the tenant used, by day (UTC), function and device; without a start, in the last seven days and today's are one. */
export async function usagePage(stores: TenantStores, query: z.infer<typeof UsageQuery>, visit: Visit) {
  const { cursor, limit, start_ms, end_ms } = query;
  const scope = { tenant_id: stores.tenant_id, function: visit.function_name, query: { start_ms, end_ms, limit } };
  const after = cursor === undefined ? null : decodeCursor(scope, Place, cursor);
  const { first_day, last_day } = daysOf(query, visit.now_ms);
  const found = await rowsFrom(stores, after !== null && after.day > first_day ? after.day : first_day, {
    last_day,
    after,
    limit: limit + 1,
  });
  const { rows, next_cursor } = cutPage(found, limit, (last) => encodeCursor(scope, placeOf(last)));
  return { usage: rows.map(answered), next_cursor };
}

function answered({ day, function: name, device_id, reads, writes, deletes, points }: Row) {
  return { day, function: name, device_id, reads, writes, deletes, points };
}

function daysOf({ start_ms, end_ms }: z.infer<typeof UsageQuery>, now_ms: number) {
  const end = end_ms ?? now_ms + 1;
  if (start_ms !== undefined && end_ms === undefined) checkStart(start_ms, end);
  const start = start_ms ?? Math.max(0, end - 1 - (DEFAULT_DAYS - 1) * DAY_MS);
  if (start >= end) throw new Problem('malformed_request', 'query: end_ms: must be later than start_ms');
  if (end - start > MAX_DAYS * DAY_MS) {
    throw new Problem('malformed_request', 'query: end_ms: must be at most 90 days after start_ms');
  }
  return { first_day: usageDay(Math.max(start, now_ms - USAGE_RETENTION_MS)), last_day: usageDay(end - 1) };
}

/** Without an end, the start alone can be wrong. */
function checkStart(start_ms: number, end_ms: number): void {
  const wrong = start_ms >= end_ms ? 'must not be in the future' : 'must be at most 90 days ago, or have an end_ms';
  if (start_ms >= end_ms || end_ms - start_ms > MAX_DAYS * DAY_MS) {
    throw new Problem('malformed_request', `query: start_ms: ${wrong}`);
  }
}

interface Wanted {
  readonly last_day: string;
  readonly after: Place | null;
  readonly limit: number;
}

/** A day at a time, which for most tenants is one document. */
async function rowsFrom(stores: TenantStores, day: string, wanted: Wanted): Promise<readonly Row[]> {
  const rows: Row[] = [];
  let place: UsagePlace = { day, shard: 0 };
  let parts: UsagePart[] = [];
  for (;;) {
    const [next] = await stores.usage.list(place, wanted.last_day, 1);
    if (next === undefined || next.day !== place.day) {
      rows.push(...rowsOf(parts, place.day, wanted.after));
      if (next === undefined || rows.length >= wanted.limit) return rows;
      parts = [];
    }
    parts.push(next);
    place = { day: next.day, shard: next.shard + 1 };
  }
}

/** A day's rows in their order, as far as they come after `after`. Several parts may hold what is one row. */
function rowsOf(parts: readonly UsagePart[], day: string, after: Place | null): readonly Row[] {
  const rows = new Map<string, Row>();
  for (const row of parts.flatMap((part) => part.rows)) {
    const key = JSON.stringify([row.function, row.device_id]);
    rows.set(key, { day, ...row, ...addCounts(rows.get(key), row) });
  }
  const all = [...rows.values()].sort(inOrder);
  return after === null ? all : all.filter((row) => inOrder(row, after) > 0);
}

function placeOf({ day, function: name, device_id }: Row): Place {
  return { day, function: name, device_id };
}

function inOrder(a: Place, b: Place): number {
  return compare(a.day, b.day) || compare(a.function, b.function) || compare(a.device_id ?? '', b.device_id ?? '');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
