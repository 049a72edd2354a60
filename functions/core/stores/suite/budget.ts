import assert from 'node:assert/strict';
import { DEVICE_WRITES_PER_MINUTE, MAX_MINUTE_AHEAD_MS } from '../../budgets/device-writes.ts';
import { DAY_MS, MINUTE_MS } from '../../clock.ts';
import type { Device } from '../../model/entities.ts';
import type { IncomingPoint } from '../../model/write-plan.ts';
import type { Stores, WriteOutcome } from '../contracts.ts';
import { ACME, GLOBEX, NOW_MS, aDevice, incoming, series } from './fixtures.ts';
import type { StoreUnderTest } from './store-under-test.ts';

const device = aDevice();
const MINUTE_START_MS = NOW_MS - (NOW_MS % MINUTE_MS);
const spent = { kind: 'over_budget', used: DEVICE_WRITES_PER_MINUTE, reset_ms: MINUTE_START_MS + MINUTE_MS } as const;

interface Options {
  readonly device?: Device;
  readonly now_ms?: number;
}

interface Spending extends Options {
  /** The first of the points that are stored. */
  readonly from?: number;
}

async function write(stores: Stores, points: readonly IncomingPoint[], options: Options = {}): Promise<WriteOutcome> {
  const request = { device, points, overwrite: false, now_ms: NOW_MS, ...options };
  return stores.forTenant(request.device.tenant_id).telemetry.write(request);
}

const onePoint = (n: number) => incoming([NOW_MS + n, { n }]);
const isDone = (outcome: WriteOutcome) => outcome.kind === 'done';

export function writeBudget(store: StoreUnderTest): void {
  const rawBudget = (of = device) => store.raw.writeBudget(of.tenant_id, of.device_id);

  async function spendAll({ from = 0, ...options }: Spending = {}): Promise<void> {
    for (let n = from; n < from + DEVICE_WRITES_PER_MINUTE; n += 1) {
      assert.equal((await write(store.stores, onePoint(n), options)).kind, 'done');
    }
  }

  it('accepts five writes in a minute and refuses the sixth whole', async () => {
    await spendAll();
    assert.deepEqual(await store.unchanged(() => write(store.stores, onePoint(9))), spent);
    assert.deepEqual(await rawBudget(), { minute_ms: MINUTE_START_MS, used: 5 });
    assert.equal((await store.raw.points(ACME, device.device_id)).length, 5);
  });

  it('starts anew with the next calendar minute', async () => {
    await spendAll();
    const last_ms = MINUTE_START_MS + MINUTE_MS - 1;
    assert.equal((await write(store.stores, onePoint(9), { now_ms: last_ms })).kind, 'over_budget');
    assert.equal((await write(store.stores, onePoint(9), { now_ms: last_ms + 1 })).kind, 'done');
    assert.deepEqual(await rawBudget(), { minute_ms: MINUTE_START_MS + MINUTE_MS, used: 1 });
  });

  it('counts a request once, however many points and buckets it brings', async () => {
    assert.equal((await write(store.stores, series(NOW_MS - 20 * DAY_MS, DAY_MS, 20))).kind, 'done');
    assert.deepEqual(await rawBudget(), { minute_ms: MINUTE_START_MS, used: 1 });
  });

  it('lets exactly five of twenty parallel writes through two handles pass', async () => {
    const outcomes = await store.race(20, (stores, i) => write(stores, onePoint(i)));
    assert.equal(outcomes.filter(isDone).length, 5);
    assert.deepEqual(await rawBudget(), { minute_ms: MINUTE_START_MS, used: 5 });
    assert.equal((await store.raw.points(ACME, device.device_id)).length, 5);
  }).timeout(60_000);

  it('answers duplicates when the budget is used up, so a lost acknowledgement can be made good', async () => {
    await spendAll();
    const outcome = await store.unchanged(() => write(store.stores, onePoint(4)));
    assert.deepEqual(outcome, { kind: 'done', receipt: { accepted: 0, duplicates: 1, rejected: [] } });
    const mixed = [...onePoint(4), ...incoming([NOW_MS + 77, { n: 1 }])];
    assert.deepEqual(await store.unchanged(() => write(store.stores, mixed)), spent);
  });

  it('answers a request that stores nothing without charging it', async () => {
    await spendAll();
    const outcome = await store.unchanged(() => write(store.stores, incoming([NOW_MS, { n: 'other' }])));
    assert(outcome.kind === 'done');
    assert.deepEqual(
      outcome.receipt.rejected.map(({ code }) => code),
      ['conflict'],
    );
  });

  it('charges late points to the time of receipt', async () => {
    for (let n = 0; n < DEVICE_WRITES_PER_MINUTE; n += 1) {
      const late = incoming([NOW_MS - (n + 2) * DAY_MS, { n }]);
      assert.equal((await write(store.stores, late)).kind, 'done');
    }
    assert.deepEqual(await rawBudget(), { minute_ms: MINUTE_START_MS, used: 5 });
    assert.deepEqual(await write(store.stores, incoming([NOW_MS - 9 * DAY_MS, { n: 9 }])), spent);
    assert.deepEqual(await write(store.stores, onePoint(9)), spent);
    assert.equal((await store.raw.points(ACME, device.device_id)).length, 5);
  });

  skewedClocks(store, spendAll);

  it('keeps a budget for each device of each tenant', async () => {
    const others = [aDevice({ tenant_id: GLOBEX }), aDevice({ device_id: 'boiler-2' })];
    await spendAll();
    for (const other of others) {
      assert.equal((await write(store.stores, onePoint(0), { device: other })).kind, 'done');
      assert.deepEqual(await rawBudget(other), { minute_ms: MINUTE_START_MS, used: 1 });
    }
  });

  it('tells how the budget stands, of its own devices only', async () => {
    const { telemetry } = store.tenant();
    assert.equal(await telemetry.writeBudget(device, NOW_MS), null);
    await write(store.stores, onePoint(0));
    assert.deepEqual(await telemetry.writeBudget(device, NOW_MS), { minute_ms: MINUTE_START_MS, used: 1 });
    await store.stopped(() => telemetry.writeBudget(aDevice({ tenant_id: GLOBEX }), NOW_MS));
    assert.equal(await store.tenant(GLOBEX).telemetry.writeBudget(aDevice({ tenant_id: GLOBEX }), NOW_MS), null);
  });
}

function skewedClocks(store: StoreUnderTest, spendAll: (options?: Spending) => Promise<void>): void {
  it('cannot be reset by a server whose clock is behind', async () => {
    const [, slow] = await store.twoHandles();
    await spendAll({ now_ms: NOW_MS + MINUTE_MS });
    const outcome = await write(slow, onePoint(9), { now_ms: NOW_MS });
    assert.deepEqual(outcome, { ...spent, reset_ms: MINUTE_START_MS + 2 * MINUTE_MS });
    const budget = await store.raw.writeBudget(ACME, device.device_id);
    assert.deepEqual(budget, { minute_ms: MINUTE_START_MS + MINUTE_MS, used: 5 });
  });

  it('is not used up for ever by a server whose clock was far ahead', async () => {
    await spendAll({ now_ms: NOW_MS + MAX_MINUTE_AHEAD_MS });
    assert.equal((await write(store.stores, onePoint(9))).kind, 'over_budget');
    await spendAll({ now_ms: NOW_MS + MAX_MINUTE_AHEAD_MS + MINUTE_MS, from: 10 });
    assert.equal((await write(store.stores, onePoint(9))).kind, 'done');
    assert.deepEqual(await store.tenant().telemetry.writeBudget(device, NOW_MS), {
      minute_ms: MINUTE_START_MS,
      used: 1,
    });
  });

  it('holds in every minute while two clocks disagree', async () => {
    const outcomes = await store.race(24, async (stores, i) => {
      const now_ms = i % 2 === 0 ? NOW_MS : NOW_MS + MINUTE_MS;
      return { now_ms, outcome: await write(stores, onePoint(i), { now_ms }) };
    });
    const done = outcomes.filter(({ outcome }) => isDone(outcome));
    const byFastClock = done.filter(({ now_ms }) => now_ms > NOW_MS).length;
    assert(byFastClock <= 5 && done.length <= 10, `${byFastClock} by the fast clock, ${done.length} in all`);
    const budget = await store.raw.writeBudget(ACME, device.device_id);
    assert.deepEqual(budget, { minute_ms: MINUTE_START_MS + MINUTE_MS, used: 5 });
    assert.equal((await store.raw.points(ACME, device.device_id)).length, done.length);
  }).timeout(60_000);
}
