import assert from 'node:assert/strict';
import { DAY_MS } from '../clock.ts';
import { COUNTERS, MAX_COUNTERS, usageDay, usageShard } from '../model/usage.ts';
import type { Counts } from '../observability/meter.ts';
import { NOW_MS } from '../stores/suite/fixtures.ts';
import { OWN_FUNCTION, WaitingUsage, type WaitingPart } from './waiting.ts';

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

  it('is one document of a tenant and day until that is more than one write takes', () => {
    const waiting = new WaitingUsage();
    const few = MAX_COUNTERS / 2 - 1;
    const post = (device_id: string, at_ms: number): void => {
      waiting.add(owner('a', device_id), counts({ writes: 1, points: 1 }), at_ms);
    };
    const shards = () => takeAll(waiting).map(({ shard, rows }) => [shard, rows.length]);
    const devices = Array.from({ length: few }, (_, n) => `pump-${n}`);
    for (const device of devices) post(device, NOW_MS);
    for (const device of devices) post(device, NOW_MS);
    assert.deepEqual(shards(), [[0, few]]);
    for (const device of [...devices, ...ofOneShard(2)]) post(device, NOW_MS);
    assert.deepEqual(shards(), [
      [0, few],
      [3, 2],
    ]);
    for (const device of ofOneShard(5)) post(device, NOW_MS);
    assert.deepEqual(shards(), [[3, 5]], 'the day has shown to be large');
    for (const device of ofOneShard(5)) post(device, NOW_MS + DAY_MS);
    assert.deepEqual(shards(), [[0, 5]]);
  });

  it('is no more in one write than a document takes; the rest waits behind the others', () => {
    const waiting = new WaitingUsage();
    const devices = ofOneShard(MAX_COUNTERS - COUNTERS.length + 1);
    for (const device of devices) waiting.add(owner('a', device), counts({ writes: 1 }), NOW_MS);
    waiting.add(owner('b'), counts({ reads: 1 }), NOW_MS);
    for (const device of devices) waiting.add(owner('a', device), counts({ points: 1 }), NOW_MS);
    const left = devices.length - MAX_COUNTERS / 2;
    assert.deepEqual(
      takeAll(waiting).map(({ tenant_id, rows }) => [tenant_id, rows.length]),
      [
        ['a', MAX_COUNTERS / 2],
        ['b', 1],
        ['a', left],
      ],
    );
  });

  it('is charged to the tenant as a whole, and then to the platform, rather than fill the memory', () => {
    const waiting = new WaitingUsage(2);
    for (const device of ['x', 'y', 'z']) waiting.add(owner('a', device), counts({ points: 1 }), NOW_MS);
    waiting.add(owner('c'), counts({ reads: 1 }), NOW_MS);
    const rows = takeAll(waiting).flatMap((part) =>
      part.rows.map(({ device_id, reads, points }) => [part.tenant_id, device_id, reads, points]),
    );
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

function takeAll(waiting: WaitingUsage): WaitingPart[] {
  const taken: WaitingPart[] = [];
  for (let part = waiting.take(); part !== null; part = waiting.take()) taken.push(part);
  return taken;
}

/** Names of devices of the fourth shard. */
function ofOneShard(count: number): string[] {
  const names: string[] = [];
  for (let n = 0; names.length < count; n += 1) if (usageShard(`boiler-${n}`) === 3) names.push(`boiler-${n}`);
  return names;
}
