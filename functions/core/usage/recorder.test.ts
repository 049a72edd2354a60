import assert from 'node:assert/strict';
import { MINUTE_MS } from '../clock.ts';
import { Problem } from '../errors.ts';
import { silentLogger } from '../observability/log.ts';
import { Meter } from '../observability/meter.ts';
import type { Backend, TenantStores, UsageStore } from '../stores/contracts.ts';
import { openFirestoreHarness } from '../stores/firestore/harness.ts';
import { NOW_MS } from '../stores/suite/fixtures.ts';
import type { StoreHarness } from '../stores/suite/harness.ts';
import { UsageRecorder } from './recorder.ts';
import { OWN_FUNCTION, type UsageOwner } from './waiting.ts';

const owner = (tenant_id: string, device_id: string | null = null): UsageOwner => ({
  tenant_id,
  function: 'recentTelemetry',
  device_id,
});

function points(count: number): Meter {
  const meter = new Meter();
  meter.countPoints(count);
  return meter;
}

describe('the recorder of usage', () => {
  let harness: StoreHarness;
  let elapsed_ms: number;
  let away: boolean;
  let writes: number;
  let under_way: Promise<void>;
  let recorder: UsageRecorder;

  before(async () => {
    harness = await openFirestoreHarness();
  });
  beforeEach(async () => {
    await harness.reset();
    [elapsed_ms, away, writes, under_way] = [0, false, 0, Promise.resolve()];
    recorder = new UsageRecorder({
      clock: { now_ms: () => NOW_MS },
      logger: silentLogger,
      backend: () => (away ? Promise.reject(new Problem('store_unavailable', '')) : Promise.resolve(counted())),
      elapsed_ms: () => elapsed_ms,
    });
  });
  after(() => harness.close());

  /** The store, and how often it is asked to write. */
  function counted(): Backend {
    const withMeter: Backend['withMeter'] = (meter) => {
      const stores = harness.backend.withMeter(meter);
      const forTenant = (tenant_id: string): TenantStores => {
        const own = stores.forTenant(tenant_id);
        const add: UsageStore['add'] = (part) => {
          writes += 1;
          under_way = own.usage.add(part);
          return under_way;
        };
        return { ...own, usage: { list: own.usage.list.bind(own.usage), add } };
      };
      return { ...stores, forTenant };
    };
    return { ...harness.backend, withMeter };
  }

  async function settled(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    await under_way;
    await new Promise((resolve) => setImmediate(resolve));
  }

  const stored = async (tenant_id: string) =>
    (await harness.raw.usage(tenant_id)).map((row) => [row.function, row.device_id, row.points]);

  it('charges what a meter has counted and what it counts late', async () => {
    const meter = new Meter();
    meter.countPoints(2);
    recorder.charge(meter, owner('a', 'boiler'));
    meter.countPoints(3);
    await recorder.writeAll();
    assert.deepEqual(await stored('a'), [['recentTelemetry', 'boiler', 5]]);
  });

  it('writes one document a minute, however many wait, and tells what that cost', async () => {
    for (const tenant_id of ['a', 'b', 'c']) recorder.charge(points(1), owner(tenant_id));
    for (const [minute, expected] of [
      [0.9, 0],
      [1, 1],
      [1.9, 1],
      [2, 2],
      [2.1, 2],
    ] as const) {
      elapsed_ms = minute * MINUTE_MS;
      recorder.writeIfDue();
      recorder.writeIfDue();
      await settled();
      assert.equal(writes, expected, `${minute} minutes`);
    }
    recorder.charge(points(1), owner('a'));
    await recorder.writeAll();
    assert.deepEqual(
      (await harness.raw.usage('a')).map((row) => [row.function, row.points, row.writes]),
      [
        ['recentTelemetry', 2, 0],
        [OWN_FUNCTION, 0, 1],
      ],
    );
  });

  it('keeps what a store that is away did not take', async () => {
    recorder.charge(points(4), owner('a'));
    away = true;
    await recorder.writeAll();
    elapsed_ms = MINUTE_MS;
    recorder.writeIfDue();
    await settled();
    assert.deepEqual(await stored('a'), []);
    away = false;
    await recorder.writeAll();
    assert.deepEqual((await stored('a'))[0], ['recentTelemetry', null, 4]);
  });

  it('waits for the write under way when it is to end, and makes it again when it fails', async () => {
    const gates: PromiseWithResolvers<Backend>[] = [];
    const slow = new UsageRecorder({
      clock: { now_ms: () => NOW_MS },
      logger: silentLogger,
      backend: () => {
        gates.push(Promise.withResolvers());
        return gates.at(-1)?.promise ?? Promise.reject(new Error());
      },
      elapsed_ms: () => elapsed_ms,
    });
    slow.charge(points(2), owner('a'));
    elapsed_ms = MINUTE_MS;
    slow.writeIfDue();
    const ended = slow.writeAll();
    await settled();
    assert.equal(gates.length, 1);
    gates[0]?.reject(new Error('away'));
    await settled();
    gates[1]?.resolve(harness.backend);
    await ended;
    assert.deepEqual(await stored('a'), [['recentTelemetry', null, 2]]);
  });

  it('does not wait longer than it is told to for a store that hangs', async () => {
    const hanging = new UsageRecorder({
      clock: { now_ms: () => NOW_MS },
      logger: silentLogger,
      backend: () => new Promise(() => undefined),
    });
    hanging.charge(points(1), owner('a'));
    const timer = setTimeout(() => undefined, 1_000);
    const started_ms = performance.now();
    await hanging.writeAll(50);
    clearTimeout(timer);
    assert(performance.now() - started_ms < 900);
  });
});
