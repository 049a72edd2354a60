import assert from 'node:assert/strict';
import { DAY_MS } from '../../clock.ts';
import { USAGE_RETENTION_MS } from '../../model/retention.ts';
import { MAX_COUNTERS, usageDay, usageExpiry_ms, type UsagePart, type UsageRow } from '../../model/usage.ts';
import { ACME, GLOBEX, NOW_MS } from './fixtures.ts';
import type { StoreUnderTest } from './store-under-test.ts';

const TODAY = usageDay(NOW_MS);
const YESTERDAY = usageDay(NOW_MS - DAY_MS);
const START = { day: YESTERDAY, shard: 0 };

const row = (device_id: string | null, counts: Partial<UsageRow> = {}): UsageRow => ({
  function: 'recentTelemetry',
  device_id,
  reads: 0,
  writes: 0,
  deletes: 0,
  points: 0,
  ...counts,
});
const part = (rows: readonly UsageRow[], place: Partial<UsagePart> = {}): UsagePart => ({
  day: TODAY,
  shard: 0,
  rows,
  ...place,
});

export function usage(store: StoreUnderTest): void {
  const add = (added: UsagePart, tenant_id = ACME) => store.tenant(tenant_id).usage.add(added);
  const list = (from = START, last_day = TODAY, limit = 10) => store.tenant().usage.list(from, last_day, limit);

  it('adds up, by function and device', async () => {
    await add(part([row(null, { reads: 3 }), row('boiler', { writes: 1, points: 7 })]));
    await add(part([row(null, { reads: 2, deletes: 1 }), row('boiler', { function: 'ingestTelemetry', writes: 4 })]));
    const stored = [
      row(null, { reads: 5, deletes: 1 }),
      row('boiler', { function: 'ingestTelemetry', writes: 4 }),
      row('boiler', { writes: 1, points: 7 }),
    ];
    const place = { day: TODAY, shard: 0, expire_ms: usageExpiry_ms(TODAY) };
    assert.deepEqual(
      await store.raw.usage(ACME),
      stored.map((one) => ({ ...place, ...one })),
    );
    const [found, ...others] = await list();
    assert.deepEqual(others, []);
    assert.deepEqual([...(found?.rows ?? [])].sort(byName), [...stored].sort(byName));
  });

  it('keeps what an addition does not name', async () => {
    await add(part([row('boiler', { writes: 1 })]));
    await add(part([row(null, { reads: 1 })]));
    await add(part([row('pump', { reads: 1 })]));
    assert.equal((await store.raw.usage(ACME)).length, 3);
  });

  it('takes every name that a device may have', async () => {
    const names = ['a.b', 'constructor', 'A_@:-', '0', 'x'.repeat(128), 'toString'];
    await add(part(names.map((name) => row(name, { reads: 1 }))));
    await add(part(names.map((name) => row(name, { reads: 1 }))));
    const [found] = await list();
    assert.deepEqual(
      found?.rows.map(({ device_id, reads }) => [device_id, reads]).sort(),
      names.map((name) => [name, 2]).sort(),
    );
  });

  it('lists whole parts by place, from one that is among them to the end of a day', async () => {
    const places = [
      { day: usageDay(NOW_MS - 2 * DAY_MS), shard: 7 },
      { day: YESTERDAY, shard: 0 },
      { day: YESTERDAY, shard: 5 },
      { day: TODAY, shard: 0 },
      { day: TODAY, shard: 1 },
      { day: usageDay(NOW_MS + DAY_MS), shard: 0 },
    ] as const;
    for (const place of places.toReversed()) await add(part([row(null, { reads: 1 })], place));
    const placesOf = async (...asked: Parameters<typeof list>) =>
      (await list(...asked)).map(({ day, shard }) => ({ day, shard }));
    assert.deepEqual(await placesOf(), places.slice(1, 5));
    assert.deepEqual(await placesOf({ day: YESTERDAY, shard: 1 }), places.slice(2, 5));
    assert.deepEqual(await placesOf({ day: YESTERDAY, shard: 5 }, YESTERDAY), places.slice(2, 3));
    assert.deepEqual(await placesOf(START, TODAY, 2), places.slice(1, 3));
    assert.deepEqual(await placesOf({ day: TODAY, shard: 8 }), []);
  });

  it('shows nobody what another tenant used', async () => {
    await add(part([row('boiler', { reads: 1 })]), GLOBEX);
    await add(part([row('boiler', { reads: 1 })]), `${ACME}-2`);
    assert.deepEqual(await list(), []);
    assert.deepEqual(await store.raw.usage(ACME), []);
  });

  it('loses nothing of two who add at once', async () => {
    await store.race(10, (stores) => stores.forTenant(ACME).usage.add(part([row('boiler', { points: 1 })])));
    assert.equal((await store.raw.usage(ACME))[0]?.points, 10);
  });

  it('takes as many counters as one write may have', async () => {
    const rows = Array.from({ length: MAX_COUNTERS / 2 }, (_, n) => row(`boiler-${n}`, { writes: 1, points: 2 }));
    await add(part(rows));
    assert.equal((await store.raw.usage(ACME)).length, rows.length);
  });

  it('deletes rows that have expired, and none before', async () => {
    const oldest = usageDay(NOW_MS - USAGE_RETENTION_MS);
    const expired = usageDay(NOW_MS - USAGE_RETENTION_MS - DAY_MS);
    for (const day of [oldest, expired])
      await add(part([row(null, { reads: 1 }), row('boiler', { reads: 1 })], { day }));
    const elsewhere = store.harness.differences.retention_elsewhere !== undefined;
    const { usage_rows } = await store.stores.sweeps.retention(NOW_MS);
    assert.equal(usage_rows, elsewhere ? 0 : 2);
    const days = (await store.raw.usage(ACME)).map(({ day }) => day);
    assert.deepEqual([...new Set(days)], elsewhere ? [expired, oldest] : [oldest]);
  });
}

function byName(a: UsageRow, b: UsageRow): number {
  return `${a.device_id ?? ''} ${a.function}` < `${b.device_id ?? ''} ${b.function}` ? -1 : 1;
}
