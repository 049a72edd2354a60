import assert from 'node:assert/strict';
import { MINUTE_MS } from '../clock.ts';
import { MAX_COUNTERS, usageDay, usageShard } from '../model/usage.ts';
import { Problem } from '../errors.ts';
import { silentLogger } from '../observability/log.ts';
import { Meter, type Counts } from '../observability/meter.ts';
import type { Backend } from '../stores/contracts.ts';
import { openSqliteHarness } from '../stores/sqlite/harness.ts';
import type { StoreHarness } from '../stores/suite/harness.ts';
import { NOW_MS } from '../stores/suite/fixtures.ts';
import { UsageRecorder } from './recorder.ts';
import { OWN_FUNCTION, WaitingUsage } from './waiting.ts';

const counts = (changes: Partial<Counts>): Counts => ({ reads: 0, writes: 0, deletes: 0, points: 0, ...changes });
const owner = (tenant_id: string, device_id: string | null = null, name = 'recentTelemetry') => ({
  tenant_id,
  function: name,
  device_id,
});

describe('usage that waits', () => {
  it('is taken the longest waiting first, each tenant and shard by itself', () => {
    const waiting = new WaitingUsage();
    for (const tenant_id of ['b', 'a', 'b']) waiting.add(owner(tenant_id), counts({ reads: 1 }), NOW_MS);
    const taken = [waiting.take(), waiting.take(), waiting.take()];
    assert.deepEqual(
      taken.map((part) => part && [part.tenant_id, part.day, part.rows.map(({ reads }) => reads)]),
      [['b', usageDay(NOW_MS), [2]], ['a', usageDay(NOW_MS), [1]], null],
    );
  });

  it('is no more in one write than a document takes; the rest waits behind the others', () => {
    const waiting = new WaitingUsage();
    const [shard, ...devices] = ofOneShard(MAX_COUNTERS / 2 + 11);
    for (const device of devices) waiting.add(owner('a', device), counts({ writes: 1, points: 1 }), NOW_MS);
    waiting.add(owner('b'), counts({ reads: 1 }), NOW_MS);
    const sizes = [waiting.take(), waiting.take(), waiting.take()].map((part) => [part?.tenant_id, part?.rows.length]);
    assert.deepEqual(
      sizes,
      [
        ['a', MAX_COUNTERS / 2],
        ['b', 1],
        ['a', 10],
      ],
      shard,
    );
  });

  it('is charged to the tenant as a whole, and then to the platform, rather than fill the memory', () => {
    const waiting = new WaitingUsage(2);
    for (const device of ['x', 'y', 'z']) waiting.add(owner('a', device), counts({ points: 1 }), NOW_MS);
    waiting.add(owner('c'), counts({ reads: 1 }), NOW_MS);
    const rows = [];
    for (let part = waiting.take(); part !== null; part = waiting.take()) {
      for (const { device_id, reads, points } of part.rows) rows.push([part.tenant_id, device_id, reads, points]);
    }
    assert.deepEqual(rows, [
      ['a', 'x', 0, 1],
      ['a', 'y', 0, 1],
      ['system', null, 1, 1],
    ]);
  });

  it('is not written for the sake of what earlier writes cost', () => {
    const waiting = new WaitingUsage();
    waiting.add(owner('a', null, OWN_FUNCTION), counts({ writes: 1 }), NOW_MS);
    assert.equal(waiting.take(), null);
    waiting.add(owner('a'), counts({ reads: 1 }), NOW_MS);
    assert.equal(waiting.take()?.rows.length, 2);
  });
});

describe('the recorder of usage', () => {
  let harness: StoreHarness;
  let elapsed_ms: number;
  let away: boolean;
  let writes: number;
  let recorder: UsageRecorder;

  before(async () => {
    harness = await openSqliteHarness();
  });
  beforeEach(async () => {
    await harness.reset();
    [elapsed_ms, away, writes] = [0, false, 0];
    recorder = new UsageRecorder({
      clock: { now_ms: () => NOW_MS },
      logger: silentLogger,
      backend: () => (away ? Promise.reject(new Problem('store_unavailable', '')) : Promise.resolve(billed())),
      elapsed_ms: () => elapsed_ms,
    });
  });
  after(() => harness.close());

  /** A store that is billed for its writes, as Firestore is. */
  function billed(): Backend {
    const withMeter: Backend['withMeter'] = (meter) => {
      writes += 1;
      meter.countWrites(1);
      return harness.backend.withMeter(meter);
    };
    return { ...harness.backend, withMeter };
  }

  async function settled(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  const stored = async (tenant_id: string) =>
    (await harness.raw.usage(tenant_id)).map(({ function: name, device_id, reads }) => [name, device_id, reads]);

  it('charges what a meter has counted and what it counts late', async () => {
    const meter = new Meter();
    meter.countReads(2);
    recorder.charge(meter, owner('a', 'boiler'));
    meter.countReads(3);
    await recorder.writeAll();
    assert.deepEqual(await stored('a'), [['recentTelemetry', 'boiler', 5]]);
  });

  it('writes one document a minute, however many wait, and tells what that cost', async () => {
    for (const tenant_id of ['a', 'b', 'c']) recorder.charge(read(1), owner(tenant_id));
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
    recorder.charge(read(1), owner('a'));
    await recorder.writeAll();
    assert.deepEqual(
      await harness.raw
        .usage('a')
        .then((rows) => rows.map(({ function: name, reads, writes }) => [name, reads, writes])),
      [
        ['recentTelemetry', 2, 0],
        [OWN_FUNCTION, 0, 1],
      ],
    );
  });

  it('keeps what a store that is away did not take', async () => {
    recorder.charge(read(4), owner('a'));
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

  it('does not wait longer than it is told to for a store that hangs', async () => {
    const hanging = new UsageRecorder({
      clock: { now_ms: () => NOW_MS },
      logger: silentLogger,
      backend: () => new Promise(() => undefined),
    });
    hanging.charge(read(1), owner('a'));
    const timer = setTimeout(() => undefined, 1_000);
    const started_ms = performance.now();
    await hanging.writeAll(50);
    clearTimeout(timer);
    assert(performance.now() - started_ms < 900);
  });
});

function read(documents: number): Meter {
  const meter = new Meter();
  meter.countReads(documents);
  return meter;
}

/** The first name, and then `count - 1` others of its shard. */
function ofOneShard(count: number): string[] {
  const names: string[] = [];
  for (let n = 0; names.length < count; n += 1) if (usageShard(`boiler-${n}`) === 3) names.push(`boiler-${n}`);
  return names;
}
