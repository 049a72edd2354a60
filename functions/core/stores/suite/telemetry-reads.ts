import assert from 'node:assert/strict';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../clock.ts';
import type { Device } from '../../model/entities.ts';
import type { Point } from '../../model/point.ts';
import { oldestKept_ms } from '../../model/retention.ts';
import type { IncomingPoint } from '../../model/write-plan.ts';
import type { ScanOptions, TelemetryStore, TimeRange } from '../contracts.ts';
import { ACME, GLOBEX, NOW_MS, aDevice, incoming, series } from './fixtures.ts';
import type { StoreUnderTest } from './store-under-test.ts';

const device = aDevice({ expected_interval_ms: 10 * SECOND_MS });
const EVER: TimeRange = { start_ms: 0, end_ms: NOW_MS + HOUR_MS };

interface ScanRequest extends Partial<ScanOptions> {
  readonly device?: Device;
  readonly range?: TimeRange;
}

async function readAll(telemetry: TelemetryStore, request: ScanRequest = {}): Promise<Point[]> {
  const { device: scanned = device, range = EVER, expected = 100, now_ms = NOW_MS } = request;
  const points: Point[] = [];
  for await (const chunk of telemetry.scan(scanned, range, { expected, now_ms })) points.push(...chunk);
  return points;
}

/** As they are read: newest first, without the place they had in their request. */
function newestFirst(points: readonly IncomingPoint[]): Point[] {
  return points
    .map(({ timestamp_ms, metrics }) => ({ timestamp_ms, metrics }))
    .sort((a, b) => b.timestamp_ms - a.timestamp_ms);
}

export function telemetryReads(store: StoreUnderTest): void {
  async function write(points: readonly IncomingPoint[], to = device, now_ms = NOW_MS): Promise<void> {
    const outcome = await store.tenant(to.tenant_id).telemetry.write({ device: to, points, overwrite: false, now_ms });
    assert(outcome.kind === 'done' && outcome.receipt.accepted === points.length);
  }

  it('finds nothing where nothing is stored', async () => {
    assert.deepEqual(await readAll(store.tenant().telemetry), []);
    assert.deepEqual(await store.raw.points(ACME, device.device_id), []);
  });

  it('yields points newest first, over bucket boundaries, however few were expected', async () => {
    const points = series(NOW_MS - 5 * HOUR_MS, MINUTE_MS, 300);
    await write(points);
    for (const expected of [1, 7, 100, 1_000]) {
      assert.deepEqual(await readAll(store.tenant().telemetry, { expected }), newestFirst(points));
    }
    assert.equal((await store.raw.points(ACME, device.device_id)).length, 300);
  });

  it('yields more points than any chunk holds', async () => {
    const points = series(NOW_MS - 2_500 * SECOND_MS, SECOND_MS, 2_500);
    for (let i = 0; i < points.length; i += 900) await write(points.slice(i, i + 900));
    assert.deepEqual(await readAll(store.tenant().telemetry), newestFirst(points));
  });

  it('keeps to a range whose end is exclusive', async () => {
    const points = series(NOW_MS - 10 * MINUTE_MS, MINUTE_MS, 10);
    await write(points);
    const range = { start_ms: NOW_MS - 8 * MINUTE_MS, end_ms: NOW_MS - 3 * MINUTE_MS };
    assert.deepEqual(await readAll(store.tenant().telemetry, { range }), newestFirst(points.slice(2, 7)));
    const empty = { start_ms: NOW_MS, end_ms: NOW_MS };
    assert.deepEqual(await readAll(store.tenant().telemetry, { range: empty }), []);
  });

  it('reads on both sides of a change of width', async () => {
    const boundary_ms = Date.UTC(2026, 2, 17, 6);
    const widths = [
      { from_ms: 0, width_ms: 6 * HOUR_MS },
      { from_ms: boundary_ms, width_ms: 10 * MINUTE_MS },
    ] as const;
    const changed = aDevice({ widths });
    const points = series(boundary_ms - 2 * HOUR_MS, 20 * MINUTE_MS, 12);
    await write(points, changed);
    assert.deepEqual(await readAll(store.tenant().telemetry, { device: changed, expected: 3 }), newestFirst(points));
  });

  it('shows late points in their place', async () => {
    await write(incoming([NOW_MS, { a: 1 }], [NOW_MS - 20 * MINUTE_MS, { a: 2 }]));
    await write(incoming([NOW_MS - 10 * MINUTE_MS, { late: 1 }], [NOW_MS - 3 * DAY_MS, { late: 2 }]));
    const texts = (await readAll(store.tenant().telemetry, { expected: 2 })).map(({ metrics }) => metrics);
    assert.deepEqual(texts, ['{"a":1}', '{"late":1}', '{"a":2}', '{"late":2}']);
  });

  it('hides expired points, deleted or not', async () => {
    const oldest_ms = oldestKept_ms(NOW_MS);
    await write(incoming([oldest_ms - 1, { expired: 1 }], [oldest_ms, { kept: 1 }]), device, NOW_MS - DAY_MS);
    const shown = await readAll(store.tenant().telemetry);
    assert.deepEqual(shown, [{ timestamp_ms: oldest_ms, metrics: '{"kept":1}' }]);
    assert.deepEqual(await readAll(store.tenant().telemetry, { now_ms: NOW_MS + 1 }), []);
    assert.equal((await store.raw.points(ACME, device.device_id)).length, 2);
  });

  stability(store, write);

  it("cannot see another tenant's device of the same name", async () => {
    await write(incoming([NOW_MS, { theirs: 1 }]), aDevice({ tenant_id: GLOBEX }));
    assert.deepEqual(await readAll(store.tenant(ACME).telemetry), []);
  });

  it("stops a scan of another tenant's device", async () => {
    const theirs = aDevice({ tenant_id: GLOBEX });
    await write(incoming([NOW_MS, { theirs: 1 }]), theirs);
    await store.stopped(() => readAll(store.tenant(ACME).telemetry, { device: theirs }));
  });
}

function stability(store: StoreUnderTest, write: (points: readonly IncomingPoint[]) => Promise<void>): void {
  it('neither repeats nor skips a point of the beginning while others are written', async () => {
    const points = series(NOW_MS - 3 * HOUR_MS, MINUTE_MS, 180);
    await write(points);
    const { telemetry } = store.tenant();
    const seen: Point[] = [];
    let chunks = 0;
    for await (const chunk of telemetry.scan(device, EVER, { expected: 10, now_ms: NOW_MS })) {
      seen.push(...chunk);
      chunks += 1;
      if (chunks <= 4) await write(incoming([NOW_MS + chunks, { newer: 1 }], [NOW_MS - chunks * 7_001, { late: 1 }]));
    }
    const ofBeginning = seen.filter(({ metrics }) => metrics.includes('value'));
    assert.deepEqual(ofBeginning, newestFirst(points));
    const times = seen.map(({ timestamp_ms }) => timestamp_ms);
    assert.deepEqual(
      times,
      [...new Set(times)].sort((a, b) => b - a),
    );
  });

  it('goes on from the last point of a page as if nothing had been written', async () => {
    const points = series(NOW_MS - 3 * HOUR_MS, MINUTE_MS, 90);
    await write(points);
    const { telemetry } = store.tenant();
    const paged: Point[] = [];
    for (let page = 0, end_ms = EVER.end_ms; ; page += 1) {
      const range = { start_ms: 0, end_ms };
      const [first = []] = await firstChunk(telemetry.scan(device, range, { expected: 20, now_ms: NOW_MS }));
      const taken = first.slice(0, 20);
      const last = taken.at(-1);
      if (last === undefined) break;
      paged.push(...taken);
      end_ms = last.timestamp_ms;
      if (page < 3) await write(incoming([NOW_MS + page, { newer: 1 }]));
    }
    assert.deepEqual(paged, newestFirst(points));
  });

  it('holds nothing open when the caller stops early', async () => {
    await write(series(NOW_MS - HOUR_MS, SECOND_MS, 500));
    await firstChunk(store.tenant().telemetry.scan(device, EVER, { expected: 5, now_ms: NOW_MS }));
    await write(incoming([NOW_MS, { after: 1 }]));
    assert.equal((await store.raw.points(ACME, device.device_id)).length, 501);
  });
}

async function firstChunk(chunks: AsyncIterable<readonly Point[]>): Promise<(readonly Point[])[]> {
  for await (const chunk of chunks) return [chunk];
  return [];
}
