import assert from 'node:assert/strict';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../clock.ts';
import { incoming, series } from '../suite/fixtures.ts';
import { CostProbe, cost } from './cost-probe.ts';

describe('What Firestore is asked for to write', () => {
  const probe = new CostProbe();

  it('reads a bucket once and then writes without reading', async () => {
    assert.deepEqual((await probe.write(probe.at(0))).cost, cost(1, 1));
    for (let n = 1; n <= 4; n += 1) assert.deepEqual((await probe.write(probe.at(n))).cost, cost(0, 1));
    probe.now_ms += MINUTE_MS;
    assert.deepEqual((await probe.write(probe.at(0))).cost, cost(0, 1));
  });

  it('opens the next bucket without reading', async () => {
    await probe.write(probe.at(0));
    probe.now_ms += HOUR_MS;
    assert.deepEqual((await probe.write(probe.at(0))).cost, cost(0, 1));
  });

  it('writes one document more when every point is late, and none more when one is not', async () => {
    await probe.write(probe.at(0));
    const late = incoming([probe.now_ms - 2 * HOUR_MS, { late: 1 }]);
    assert.deepEqual((await probe.write(late)).cost, cost(1, 2));
    const both = [...incoming([probe.now_ms - 2 * HOUR_MS + 1, { late: 2 }]), ...probe.at(7)];
    assert.deepEqual((await probe.write(both)).cost, cost(0, 2));
  });

  it('writes nothing for duplicates, and reads again only when what it remembers has aged', async () => {
    const points = series(probe.now_ms, SECOND_MS, 20);
    await probe.write(points);
    assert.deepEqual((await probe.write(points)).cost, cost(0, 0));
    probe.now_ms += 11 * SECOND_MS;
    const again = await probe.write(points);
    assert.deepEqual(again.cost, cost(1, 0));
    assert.equal(again.result.kind === 'done' && again.result.receipt.duplicates, 20);
  });

  it('finds out by the commit that another instance wrote, and reads once', async () => {
    const other = await probe.harness.second();
    await probe.write(probe.at(0));
    assert.deepEqual((await probe.write(probe.at(1), other)).cost, cost(1, 1));
    assert.deepEqual((await probe.write(probe.at(2))).cost, cost(1, 1));
    probe.now_ms += HOUR_MS;
    await probe.write(probe.at(0));
    const late = await probe.write(probe.at(3), other);
    assert.deepEqual(late.cost, cost(1, 1));
  });

  it('reads nothing for a request over budget that keeps coming', async () => {
    for (let n = 0; n < 5; n += 1) await probe.write(probe.at(n));
    const refused = await probe.write(probe.at(9));
    assert.equal(refused.result.kind, 'over_budget');
    assert.deepEqual(refused.cost, cost(0, 0));
  });
});
