import assert from 'node:assert/strict';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../clock.ts';
import { MAX_BUCKETS_PER_REQUEST, MAX_BUCKET_BYTES, pointBytes } from '../../model/bucket.ts';
import { MAX_CLOCK_AHEAD_MS } from '../../model/retention.ts';
import { ACME, GLOBEX, NOW_MS, aDevice, bulk, incoming, series } from './fixtures.ts';
import type { StoreUnderTest } from './store-under-test.ts';
import { codes, device, stored, write } from './telemetry-requests.ts';

export function telemetryWrites(store: StoreUnderTest): void {
  const rawPoints = (tenant_id = ACME) => store.raw.points(tenant_id, device.device_id);

  it('stores points as canonical text and files them in their buckets', async () => {
    const points = incoming(
      [NOW_MS, { temp: 21.5, on: true, mode: 'a "b" é\u{1F321}' }],
      [NOW_MS - 6 * HOUR_MS, { toString: 1, hasOwnProperty: 2, 'a.b:c-d': -0.1 }],
      [NOW_MS - 1, { temp: 1e21 }],
    );
    assert.deepEqual(await write(store.stores, points), stored(3));
    const [newest, oldest, middle] = points.map(({ timestamp_ms, metrics }) => ({ timestamp_ms, metrics }));
    assert.deepEqual(await rawPoints(), [oldest, middle, newest]);
    assert.equal(newest?.metrics, '{"mode":"a \\"b\\" é\u{1F321}","on":true,"temp":21.5}');
    const bytes = points.map(({ metrics }) => pointBytes(metrics));
    assert.deepEqual(await store.raw.buckets(ACME, device.device_id), [
      { start_ms: Date.UTC(2026, 2, 17, 0), bytes: bytes[1] },
      { start_ms: Date.UTC(2026, 2, 17, 6), bytes: (bytes[0] ?? 0) + (bytes[2] ?? 0) },
    ]);
  });

  it('answers what is there already as duplicates, when an acknowledgement was lost too', async () => {
    const points = series(NOW_MS - HOUR_MS, MINUTE_MS, 60);
    assert.deepEqual(await write(store.stores, points), stored(60));
    const again = await store.unchanged(() => write(store.stores, points));
    assert.deepEqual(again, { accepted: 0, duplicates: 60, rejected: [] });
  });

  it('tells points that are repeated inside one request', async () => {
    const points = incoming([NOW_MS, { a: 1 }], [NOW_MS, { a: 1 }], [NOW_MS, { b: 2 }], [NOW_MS, { a: 3 }]);
    const receipt = await write(store.stores, points);
    assert.deepEqual([receipt.accepted, receipt.duplicates], [2, 1]);
    assert.deepEqual(codes(receipt), [[3, 'conflict']]);
    assert.deepEqual(await rawPoints(), [{ timestamp_ms: NOW_MS, metrics: '{"a":1,"b":2}' }]);
  });

  it('merges new names into a stored point', async () => {
    await write(store.stores, incoming([NOW_MS, { b: 2 }]));
    assert.deepEqual(await write(store.stores, incoming([NOW_MS, { a: 1, b: 2 }])), stored(1));
    assert.deepEqual(await rawPoints(), [{ timestamp_ms: NOW_MS, metrics: '{"a":1,"b":2}' }]);
    const [bucket] = await store.raw.buckets(ACME, device.device_id);
    assert.equal(bucket?.bytes, pointBytes('{"a":1,"b":2}'));
  });

  it('rejects another value for a known name and stores the good points beside it', async () => {
    await write(store.stores, incoming([NOW_MS, { a: 1 }]));
    const receipt = await write(store.stores, incoming([NOW_MS, { a: 2, b: 2 }], [NOW_MS + 1, { a: 2 }]));
    assert.equal(receipt.accepted, 1);
    assert.deepEqual(codes(receipt), [[0, 'conflict']]);
    assert.deepEqual(await rawPoints(), [
      { timestamp_ms: NOW_MS, metrics: '{"a":1}' },
      { timestamp_ms: NOW_MS + 1, metrics: '{"a":2}' },
    ]);
  });

  it('changes nothing when every point is rejected', async () => {
    await write(store.stores, incoming([NOW_MS, { a: 1 }]));
    const receipt = await store.unchanged(() => write(store.stores, incoming([NOW_MS, { a: 2 }])));
    assert.deepEqual(codes(receipt), [[0, 'conflict']]);
  });

  it('replaces a value when asked to overwrite, and counts the bytes anew', async () => {
    await write(store.stores, incoming([NOW_MS, { a: 'a long value', b: 1 }]));
    assert.deepEqual(await write(store.stores, incoming([NOW_MS, { a: 2 }]), { overwrite: true }), stored(1));
    assert.deepEqual(await rawPoints(), [{ timestamp_ms: NOW_MS, metrics: '{"a":2,"b":1}' }]);
    const [bucket] = await store.raw.buckets(ACME, device.device_id);
    assert.equal(bucket?.bytes, pointBytes('{"a":2,"b":1}'));
  });

  it('takes a point from a clock 5 minutes ahead, in the next bucket if need be', async () => {
    const fast = aDevice({ expected_interval_ms: 1_000 });
    const now_ms = Date.UTC(2026, 2, 17, 9, 29, 59);
    const ahead_ms = now_ms + MAX_CLOCK_AHEAD_MS;
    const points = incoming([now_ms, { a: 1 }], [ahead_ms, { a: 2 }]);
    assert.deepEqual(await write(store.stores, points, { device: fast, now_ms }), stored(2));
    const starts = (await store.raw.buckets(ACME, fast.device_id)).map(({ start_ms }) => start_ms);
    assert.deepEqual(starts, [Date.UTC(2026, 2, 17, 9, 20), Date.UTC(2026, 2, 17, 9, 30)]);
    assert.equal((await rawPoints()).length, 2);
  });

  it('rejects what would need a 33rd bucket', async () => {
    const points = series(NOW_MS - 40 * DAY_MS, DAY_MS, MAX_BUCKETS_PER_REQUEST + 2);
    const receipt = await write(store.stores, points);
    assert.equal(receipt.accepted, MAX_BUCKETS_PER_REQUEST);
    assert.deepEqual(codes(receipt), [
      [32, 'too_many_buckets'],
      [33, 'too_many_buckets'],
    ]);
    assert.equal((await store.raw.buckets(ACME, device.device_id)).length, MAX_BUCKETS_PER_REQUEST);
    assert.equal((await rawPoints()).length, MAX_BUCKETS_PER_REQUEST);
  });

  it('rejects what a full bucket cannot take, and fills the next one', async () => {
    const start_ms = Date.UTC(2026, 2, 17, 6);
    await write(store.stores, bulk(start_ms, 800_000));
    const receipt = await write(store.stores, [
      ...bulk(start_ms + HOUR_MS, 200_000),
      ...incoming([start_ms - 1, { small: 1 }]),
    ]);
    assert(codes(receipt).length > 0 && receipt.accepted > 1);
    assert(codes(receipt).every(([, code]) => code === 'bucket_full'));
    const [before, full] = await store.raw.buckets(ACME, device.device_id);
    assert.equal(before?.start_ms, start_ms - 6 * HOUR_MS);
    assert(full !== undefined && full.bytes <= MAX_BUCKET_BYTES);
    const inside = (await rawPoints()).filter(({ timestamp_ms }) => timestamp_ms >= start_ms);
    assert.equal(
      full.bytes,
      inside.map(({ metrics }) => pointBytes(metrics)).reduce((sum, bytes) => sum + bytes, 0),
    );
  });

  it('files points by the width that holds at their time', async () => {
    const boundary_ms = Date.UTC(2026, 2, 17, 6);
    const widths = [
      { from_ms: 0, width_ms: 6 * HOUR_MS },
      { from_ms: boundary_ms, width_ms: 10 * MINUTE_MS },
    ] as const;
    const points = incoming([boundary_ms - 1, { a: 1 }], [boundary_ms, { a: 2 }], [boundary_ms + HOUR_MS, { a: 3 }]);
    assert.deepEqual(await write(store.stores, points, { device: aDevice({ widths }) }), stored(3));
    const starts = (await store.raw.buckets(ACME, device.device_id)).map(({ start_ms }) => start_ms);
    assert.deepEqual(starts, [boundary_ms - 6 * HOUR_MS, boundary_ms, boundary_ms + HOUR_MS]);
  });

  it('keeps devices of the same name in two tenants apart', async () => {
    const theirs = aDevice({ tenant_id: GLOBEX });
    await write(store.stores, incoming([NOW_MS, { ours: 1 }]));
    assert.deepEqual(await write(store.stores, incoming([NOW_MS, { theirs: 1 }]), { device: theirs }), stored(1));
    assert.deepEqual(await rawPoints(ACME), [{ timestamp_ms: NOW_MS, metrics: '{"ours":1}' }]);
    assert.deepEqual(await rawPoints(GLOBEX), [{ timestamp_ms: NOW_MS, metrics: '{"theirs":1}' }]);
  });

  it("stops a write to another tenant's device", async () => {
    const request = { device: aDevice({ tenant_id: GLOBEX }), points: series(NOW_MS, 1, 1), overwrite: true };
    await store.stopped(() => store.tenant(ACME).telemetry.write({ ...request, now_ms: NOW_MS }));
  });
}
