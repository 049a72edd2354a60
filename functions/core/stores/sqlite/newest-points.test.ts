import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Meter } from '../../observability/meter.ts';
import type { Backend, TelemetryStore } from '../contracts.ts';
import { aDevice, incoming } from '../suite/fixtures.ts';
import { openSqlite } from './open.ts';

const NOW_MS = Date.UTC(2026, 2, 17, 8, 20);
const device = aDevice({ expected_interval_ms: 60_000 });

describe('newest points in memory', () => {
  let folder: string;
  let backends: Backend[];
  let one: TelemetryStore;
  let other: TelemetryStore;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bas-newest-'));
    const file = join(folder, 'bas.sqlite');
    backends = [await openSqlite(file), await openSqlite(file)];
    const [first, second] = backends.map(
      (backend) => backend.withMeter(new Meter()).forTenant(device.tenant_id).telemetry,
    );
    assert.ok(first && second);
    [one, other] = [first, second];
  });
  afterEach(async () => {
    for (const backend of backends) await backend.close();
    rmSync(folder, { recursive: true });
  });

  let minute = 0;
  const write = (store: TelemetryStore, timestamp_ms: number) => {
    minute += 1;
    const points = incoming([timestamp_ms, { t: timestamp_ms - NOW_MS }]);
    return store.write({ device, points, overwrite: false, now_ms: NOW_MS + minute * 60_000 });
  };
  const newest = async (store: TelemetryStore, limit: number, end_ms = NOW_MS + 1_000_000): Promise<number[]> => {
    const seen: number[] = [];
    for await (const chunk of store.scan(device, { start_ms: 0, end_ms }, { expected: limit, now_ms: NOW_MS })) {
      seen.push(...chunk.map(({ timestamp_ms }) => timestamp_ms - NOW_MS));
      if (seen.length >= limit) break;
    }
    return seen;
  };

  it('are seen at once, whoever stored them, in whatever order they come', async () => {
    await write(one, NOW_MS + 1);
    assert.deepEqual(await newest(one, 2), [1]);
    await write(one, NOW_MS + 3);
    assert.deepEqual(await newest(one, 2), [3, 1]);
    await write(other, NOW_MS + 5);
    assert.deepEqual(await newest(one, 2), [5, 3]);
    await write(other, NOW_MS + 4);
    assert.deepEqual(await newest(one, 4), [5, 4, 3, 1]);
    assert.deepEqual(await newest(one, 2), [5, 4]);
    assert.deepEqual(await newest(one, 10), [5, 4, 3, 1]);
  });

  it('do not hide a range that ends before them', async () => {
    for (const at of [1, 2, 3]) await write(one, NOW_MS + at);
    assert.deepEqual(await newest(one, 2), [3, 2]);
    assert.deepEqual(await newest(one, 5, NOW_MS + 3), [2, 1]);
    assert.deepEqual(await newest(one, 5, NOW_MS + 1), []);
  });

  it('belong to one tenant', async () => {
    await write(one, NOW_MS + 1);
    await newest(one, 2);
    const [backend] = backends;
    const stranger = { ...device, tenant_id: 'globex' };
    const store = backend?.withMeter(new Meter()).forTenant('globex').telemetry;
    assert.ok(store);
    for await (const chunk of store.scan(
      stranger,
      { start_ms: 0, end_ms: NOW_MS * 2 },
      { expected: 2, now_ms: NOW_MS },
    )) {
      assert.fail(JSON.stringify(chunk));
    }
  });
});
