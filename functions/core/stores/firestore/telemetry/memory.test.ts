import assert from 'node:assert/strict';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../clock.ts';
import type { Point } from '../../../model/point.ts';
import { Meter } from '../../../observability/meter.ts';
import type { Backend, TimeRange } from '../../contracts.ts';
import { ACME, NOW_MS, aDevice, incoming } from '../../suite/fixtures.ts';
import type { StoreHarness } from '../../suite/harness.ts';
import { openFirestoreHarness } from '../harness.ts';
import { Bucket } from './bucket.ts';
import { TelemetryMemory } from './memory.ts';
import { FRESHNESS_MS, OLDER_BUCKETS_MS } from './view.ts';

const device = aDevice({ expected_interval_ms: 1_000 });

/** Repeatable: mulberry32. */
function dice(seed: number) {
  let state = seed;
  return (sides: number): number => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) % sides;
  };
}

async function read(backend: Backend, range: TimeRange, expected: number, now_ms: number): Promise<Point[]> {
  const { telemetry } = backend.withMeter(new Meter()).forTenant(ACME);
  const points: Point[] = [];
  for await (const chunk of telemetry.scan(device, range, { expected, now_ms })) points.push(...chunk);
  return points;
}

interface Written {
  readonly timestamp_ms: number;
  readonly by: number;
  readonly at_ms: number;
}

describe('What an instance remembers', () => {
  let harness: StoreHarness;

  before(async () => {
    harness = await openFirestoreHarness();
  });
  beforeEach(() => harness.reset());
  after(() => harness.close());

  for (const seed of [1, 2, 3, 4]) {
    it(`answers like the store within its bounds, whatever comes (seed ${seed})`, async () => {
      const roll = dice(seed);
      const instances = [harness.backend, await harness.second()];
      const written: Written[] = [];
      let now_ms = NOW_MS;
      for (let step = 0; step < 120; step += 1) {
        now_ms += [0, SECOND_MS, 11 * SECOND_MS, MINUTE_MS, 6 * MINUTE_MS][roll(5)] ?? 0;
        const by = roll(2);
        const instance = instances[by] ?? harness.backend;
        if (roll(2) === 0) {
          const timestamp_ms = now_ms - (roll(3) === 0 ? roll(3 * HOUR_MS) : roll(1_000));
          const points = incoming([timestamp_ms, { step }]);
          const { telemetry } = instance.withMeter(new Meter()).forTenant(ACME);
          const outcome = await telemetry.write({ device, points, overwrite: false, now_ms });
          if (outcome.kind === 'done') written.push({ timestamp_ms, by, at_ms: now_ms });
        } else {
          const end_ms = roll(4) === 0 ? now_ms - roll(2 * HOUR_MS) : now_ms + MINUTE_MS;
          const range = { start_ms: roll(3) === 0 ? end_ms - roll(HOUR_MS) : 0, end_ms };
          const seen = await read(instance, range, [1, 5, 100][roll(3)] ?? 1, now_ms);
          check(seen, within(written, range), by, now_ms);
        }
      }
      assert(written.length > 20);
    }).timeout(30_000);
  }

  it('leaves no gap when another instance fills several buckets between two looks', async () => {
    const [reader, writer] = [harness.backend, await harness.second()];
    const range = { start_ms: 0, end_ms: NOW_MS + HOUR_MS };
    const write = async (now_ms: number, ...minutes: readonly number[]) => {
      const points = incoming(...minutes.map((minute) => [NOW_MS - minute * MINUTE_MS, { minute }] as const));
      const { telemetry } = writer.withMeter(new Meter()).forTenant(ACME);
      await telemetry.write({ device, points, overwrite: false, now_ms });
    };
    await write(NOW_MS, 60, 50);
    assert.equal((await read(reader, range, 100, NOW_MS)).length, 2);
    await write(NOW_MS + 1, 40, 30, 20, 10);
    assert.equal((await read(reader, range, 100, NOW_MS + FRESHNESS_MS)).length, 6);
  });

  it('never holds more than its bound', () => {
    const memory = new TelemetryMemory(100_000);
    for (let n = 0; n < 500; n += 1) {
      memory.remember(device, new Bucket({ start_ms: n, texts: {}, bytes: n * 10, budget: null, updated: null }), 0);
      assert(memory.weight <= 100_000);
    }
    assert.equal(memory.recall(device, 0), null);
    assert.notEqual(memory.recall(device, 499), null);
  });
});

function within(written: readonly Written[], { start_ms, end_ms }: TimeRange): readonly Written[] {
  return written.filter(({ timestamp_ms }) => timestamp_ms >= start_ms && timestamp_ms < end_ms);
}

/** Newest first, nothing twice, nothing that was not written; own points at once, others' within the bounds. */
function check(seen: readonly Point[], written: readonly Written[], by: number, now_ms: number): void {
  const times = seen.map(({ timestamp_ms }) => timestamp_ms);
  assert.deepEqual(
    times,
    [...new Set(times)].sort((a, b) => b - a),
  );
  const known = new Set(written.map(({ timestamp_ms }) => timestamp_ms));
  assert(times.every((ms) => known.has(ms)));
  for (const point of written) {
    const newest = point.timestamp_ms > point.at_ms - 2 * SECOND_MS;
    const bound_ms = point.by === by ? 0 : newest ? FRESHNESS_MS : OLDER_BUCKETS_MS + FRESHNESS_MS;
    if (now_ms - point.at_ms > bound_ms) assert(times.includes(point.timestamp_ms), JSON.stringify({ point, now_ms }));
  }
}
