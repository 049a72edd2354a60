import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Meter } from '../../observability/meter.ts';
import { oldestKept_ms } from '../../model/retention.ts';
import { ACME, NOW_MS, aDevice, incoming } from '../suite/fixtures.ts';
import { openSqlite } from './open.ts';

const DEVICES = 40;

describe('the retention sweep on SQLite', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'store-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('lets requests have their turn after every device', async () => {
    const backend = await openSqlite(join(folder, 'store.db'));
    const stores = backend.withMeter(new Meter());
    const written_ms = oldestKept_ms(NOW_MS) - 1;
    for (let n = 0; n < DEVICES; n += 1) {
      const device = aDevice({ device_id: `boiler-${n}` });
      const request = { device, points: incoming([written_ms, { n }]), overwrite: false, now_ms: written_ms };
      await stores.forTenant(ACME).telemetry.write(request);
    }
    let turns = 0;
    let next = setImmediate(function turn() {
      turns += 1;
      next = setImmediate(turn);
    });
    const { points } = await stores.sweeps.retention(NOW_MS);
    clearImmediate(next);
    assert.equal(points, DEVICES);
    assert(turns >= DEVICES, `${turns} turns`);
    await backend.close();
  });
});
