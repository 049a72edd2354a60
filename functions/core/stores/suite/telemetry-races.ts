import assert from 'node:assert/strict';
import { HOUR_MS } from '../../clock.ts';
import { MAX_BUCKET_BYTES, pointBytes } from '../../model/bucket.ts';
import { ACME, NOW_MS, bulk, incoming } from './fixtures.ts';
import type { StoreUnderTest } from './store-under-test.ts';
import { device, write } from './telemetry-requests.ts';

export function telemetryRaces(store: StoreUnderTest): void {
  const rawPoints = () => store.raw.points(ACME, device.device_id);

  it('stores a point once that arrives through two handles at the same time', async () => {
    const points = incoming([NOW_MS, { a: 1 }]);
    const receipts = await store.race(4, (stores) => write(stores, points));
    assert.equal(receipts.filter(({ accepted }) => accepted === 1).length, 1);
    assert.equal(receipts.filter(({ duplicates }) => duplicates === 1).length, receipts.length - 1);
    assert.deepEqual(await rawPoints(), [{ timestamp_ms: NOW_MS, metrics: '{"a":1}' }]);
  });

  it('merges what two handles add to one point at the same time', async () => {
    const receipts = await store.race(4, (stores, i) => write(stores, incoming([NOW_MS, { [`m${i}`]: i }])));
    assert(receipts.every(({ accepted }) => accepted === 1));
    const [point] = await rawPoints();
    assert.equal(Object.keys(JSON.parse(point?.metrics ?? '{}') as object).length, receipts.length);
  });

  it('lets one of two values win that arrive at the same time, and says so to the other', async () => {
    const receipts = await store.race(2, (stores, i) => write(stores, incoming([NOW_MS, { a: i }])));
    const winner = receipts.findIndex(({ accepted }) => accepted === 1);
    assert.equal(receipts.filter(({ accepted }) => accepted === 1).length, 1);
    assert.equal(receipts.filter(({ rejected }) => rejected[0]?.code === 'conflict').length, receipts.length - 1);
    if (receipts.length === 2) assert.equal((await rawPoints())[0]?.metrics, `{"a":${winner}}`);
  });

  it('never lets two handles overfill a bucket together', async () => {
    const start_ms = Date.UTC(2026, 2, 17, 6);
    await store.race(2, (stores, i) => write(stores, bulk(start_ms + i * HOUR_MS, 600_000)));
    const [bucket] = await store.raw.buckets(ACME, device.device_id);
    const bytes = (await rawPoints()).map(({ metrics }) => pointBytes(metrics)).reduce((sum, more) => sum + more, 0);
    assert.equal(bucket?.bytes, bytes);
    assert(bytes > MAX_BUCKET_BYTES / 2 && bytes <= MAX_BUCKET_BYTES);
  });
}
