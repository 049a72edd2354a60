/** What the stores hold, beside what a refusal may leave there: its audit event, its throttle counter, what it cost. */
import { isDeepStrictEqual } from 'node:util';
import type { Model } from './state.ts';
import type { World } from './world.ts';

/** Also what waits for delivery, because an audit event does. */
const LEFT_BY_REFUSALS = new Set(['audit_log', 'throttle', 'usage', 'journal', 'journal_clock', 'service_spans']);
/** Coarse notes on when somebody was last seen: a refused request has been seen as well. */
const SEEN = new Set(['last_seen_ms', 'last_used_ms']);

export async function dumpOf({ raw }: World): Promise<string> {
  const stores = [await raw.sqlite?.dump(), await raw.firestore?.dump()];
  const kept = stores.map((dump) => Object.entries(dump ?? {}).filter(([name]) => !LEFT_BY_REFUSALS.has(name)));
  return JSON.stringify(kept, (name, value: unknown) => (SEEN.has(name) ? undefined : value));
}

/** How the stores differ from the model, in a line; null when they do not. */
export async function storedDifference(model: Model, world: World): Promise<string | null> {
  await world.deliver();
  const { sqlite, firestore } = world.raw;
  const stores = [
    ...(sqlite === undefined || world.phase === 'finalized' ? [] : [sqlite]),
    ...(firestore === undefined || world.phase === 'not moved' ? [] : [firestore]),
  ];
  for (const { tenant_id } of model.tenants) {
    for (const device of model.devicesOf(tenant_id)) {
      const known = [...device.points].sort(([a], [b]) => a - b);
      for (const store of stores) {
        const points = await store.points(tenant_id, device.device_id);
        const found = points.map(({ timestamp_ms, metrics }) => [timestamp_ms, JSON.parse(metrics) as unknown]);
        if (isDeepStrictEqual(found, known)) continue;
        return `${tenant_id} ${device.device_id} is stored as ${JSON.stringify(found)}, not ${JSON.stringify(known)}`;
      }
    }
  }
  return null;
}
