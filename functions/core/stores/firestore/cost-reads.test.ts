import assert from 'node:assert/strict';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../clock.ts';
import type { Point } from '../../model/point.ts';
import { ACME, GLOBEX, aDevice, incoming, series } from '../suite/fixtures.ts';
import { CostProbe, cost, device } from './cost-probe.ts';

describe('What Firestore is asked for to read', () => {
  const probe = new CostProbe();

  beforeEach(async () => {
    await probe.write(series(probe.now_ms - 3 * HOUR_MS, 10 * SECOND_MS, 1_000));
    await probe.useOther();
    probe.now_ms += SECOND_MS;
  });

  it('the last 100 of a device with a declared interval: at most 2, and one for the latest', async () => {
    const first = await probe.recent();
    assert.equal(first.result.length, 100);
    assert(first.cost.reads <= 2, `${first.cost.reads} reads`);
    assert.equal(first.meter.cache_age_ms, null);
    assert.equal(first.meter.fresh_for_ms, 10_000);
    await probe.useOther();
    assert.deepEqual((await probe.recent(1)).cost, cost(1, 0));
  });

  it('nothing while fresh, then one document a poll', async () => {
    const first = await probe.recent();
    probe.now_ms += 4 * SECOND_MS;
    const fresh = await probe.recent();
    assert.deepEqual(fresh.cost, cost(0, 0));
    assert.deepEqual(fresh.result, first.result);
    assert.deepEqual([fresh.meter.cache_age_ms, fresh.meter.fresh_for_ms], [4_000, 6_000]);
    for (let poll = 0; poll < 3; poll += 1) {
      probe.now_ms += 10 * SECOND_MS;
      assert.deepEqual((await probe.recent()).cost, cost(1, 0));
    }
  });

  it('two documents at a rollover', async () => {
    const writer = probe.harness.backend;
    await probe.recent();
    probe.now_ms = Math.ceil(probe.now_ms / HOUR_MS) * HOUR_MS + 30 * SECOND_MS;
    await probe.write(probe.at(0), writer);
    const [newest] = (await probe.recent()).result;
    assert.equal(newest?.timestamp_ms, probe.now_ms);
    probe.now_ms += 30 * SECOND_MS;
    assert.deepEqual((await probe.recent(1)).cost, cost(1, 0));
    probe.now_ms = Math.ceil(probe.now_ms / HOUR_MS) * HOUR_MS;
    await probe.write(probe.at(0), writer);
    assert.deepEqual((await probe.recent(1)).cost, cost(2, 0));
  });

  it('shows what this instance stored at once, and what another stored within the freshness', async () => {
    const writer = probe.harness.backend;
    await probe.recent();
    await probe.write(probe.at(0));
    const own = await probe.recent(1);
    assert.deepEqual([own.cost.reads, own.result[0]?.timestamp_ms], [0, probe.now_ms]);
    await probe.write(probe.at(5), writer);
    assert.equal((await probe.recent(1)).result[0]?.timestamp_ms, probe.now_ms);
    probe.now_ms += 10 * SECOND_MS;
    const seen = await probe.recent(1);
    assert.deepEqual([seen.cost.reads, seen.result[0]?.timestamp_ms], [1, probe.now_ms - 10 * SECOND_MS + 5]);
  });

  it('shows points that reached an older bucket elsewhere after five minutes at most', async () => {
    const late_ms = probe.now_ms - 2.5 * HOUR_MS;
    const seen = async () => (await probe.recent(900)).result.some(({ timestamp_ms }) => timestamp_ms === late_ms);
    assert.equal(await seen(), false);
    await probe.write(incoming([late_ms, { late: 1 }]), probe.harness.backend);
    probe.now_ms += 5 * MINUTE_MS + 1;
    assert.equal(await seen(), true);
  });

  it('a device without points once, then again when no longer fresh', async () => {
    const silent = aDevice({ device_id: 'silent' });
    assert.deepEqual((await probe.recent(100, silent)).cost, cost(1, 0));
    assert.deepEqual((await probe.recent(100, silent)).cost, cost(0, 0));
    probe.now_ms += 10 * SECOND_MS;
    assert.deepEqual((await probe.recent(100, silent)).cost, cost(1, 0));
  });

  it('one look for many who ask at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => probe.recent(1)));
    assert.equal(
      answers.reduce((sum, answer) => sum + answer.cost.reads, 0),
      1,
    );
  });

  it('never the memory of another tenant whose device has the same name', async () => {
    await probe.recent();
    const theirs = aDevice({ ...device, tenant_id: GLOBEX });
    const answer = await probe.recent(100, theirs);
    assert.deepEqual([answer.result, answer.cost.reads], [[], 1]);
  });

  it('no more of a window than it holds', async () => {
    const { cost: spent, result } = await probe.metered(async ({ forTenant }) => {
      const points: Point[] = [];
      const range = { start_ms: Date.UTC(2026, 2, 17, 6), end_ms: Date.UTC(2026, 2, 17, 7) };
      const scan = forTenant(ACME).telemetry.scan(device, range, { expected: 360, now_ms: probe.now_ms });
      for await (const chunk of scan) points.push(...chunk);
      return points;
    });
    assert.deepEqual([result.length, spent.reads], [360, 1]);
  });
});

describe('What Firestore is asked for without memory', () => {
  const probe = new CostProbe('none');

  it('the store every time', async () => {
    await probe.write(series(probe.now_ms - HOUR_MS, 10 * SECOND_MS, 300));
    for (let n = 0; n < 2; n += 1) {
      const { cost: spent, meter } = await probe.recent();
      assert.equal(spent.reads, 2);
      assert.equal(meter.cache_age_ms, null);
      assert.equal(meter.fresh_for_ms, 0);
    }
  });
});
