/** A box of several real processes, some of which are killed. */
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DAY_MS, MINUTE_MS } from '@bas/core/clock';
import type { DeliveryPass } from '@bas/core/cutover/deliver';
import type { Device } from '@bas/core/model/entities';
import { incoming } from '@bas/core/stores/suite/fixtures';
import type { Churned, Told } from './support/box.worker.ts';
import {
  assertSamePoints,
  deliveryOf,
  furnish,
  move,
  openMovingBox,
  post,
  until,
  type MovingBox,
} from './support/moving-box.ts';

/** How often a process is killed. */
const ROUNDS = 8;

describe('a box of several processes', function () {
  this.timeout(120_000);
  let box: MovingBox;
  let devices: readonly Device[];
  const children = new Set<ChildProcess>();

  beforeEach(async () => {
    box = await openMovingBox();
    devices = await furnish(box, 4);
  });
  afterEach(async () => {
    for (const child of children) await kill(child);
    await box.close();
  });

  /** Starts a worker; what it says comes into `said`. */
  async function start(what: string, number = 0) {
    const file = join(import.meta.dirname, 'support/box.worker.ts');
    const child = fork(file, [what, box.file, box.project_id, String(number)]);
    children.add(child);
    const said: unknown[] = [];
    child.on('message', (message) => said.push(message));
    await until(() => said.length > 0 || child.exitCode !== null);
    assert.equal(said.shift(), 'ready');
    return { child, said };
  }

  async function kill(child: ChildProcess): Promise<void> {
    children.delete(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  const dirtyBuckets = async () => (await box.parts.journal.state()).dirty.buckets;

  /** Points in many buckets of every device, changed anew each round. */
  async function change(round: number, buckets: number): Promise<void> {
    const now_ms = Date.now();
    for (const device of devices) {
      const points = Array.from({ length: buckets }, (_, n) => {
        return [now_ms - (n + 1) * DAY_MS - round, { round }] as const;
      });
      for (let at = 0; at < points.length; at += 30) {
        await post(box, device, incoming(...points.slice(at, at + 30)), {
          now_ms: now_ms + (round * 10 + at) * MINUTE_MS,
        });
      }
    }
  }

  it('loses and leaves nothing when the one that delivers is killed in the middle, again and again', async () => {
    await move(box, 'telemetry');
    let halves = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      await change(round, 30);
      const { child, said } = await start('deliver', round * 31_000);
      const left = Math.floor(Math.random() * 120);
      await until(async () => (await dirtyBuckets()) <= left, { pause_ms: 1 });
      await kill(child);
      const buckets = await dirtyBuckets();
      if (buckets > 0 && buckets < 120) halves += 1;
      assert(said.every((one) => (one as DeliveryPass).state === 'delivered'));
    }
    assert(halves > 0, 'no process was killed in the middle of a delivery');
    await deliveryOf(box).everything();
    assert.equal(await dirtyBuckets(), 0);
    await assertSamePoints(box, devices, ROUNDS * 30 * 4);
  });

  it('has one that delivers, and another that goes on within seconds when it was killed', async () => {
    await move(box, 'telemetry');
    const first = await start('deliver');
    await until(() => first.said.length > 5);
    const second = await start('deliver');
    await change(0, 5);
    await until(async () => (await dirtyBuckets()) === 0);
    await until(() => second.said.length > 5);
    const states = (said: readonly unknown[]) => new Set(said.map((one) => (one as DeliveryPass).state));
    assert.deepEqual([states(first.said), states(second.said)], [new Set(['delivered']), new Set(['elsewhere'])]);
    await kill(first.child);
    await change(1, 5);
    await until(async () => (await dirtyBuckets()) === 0, { limit_ms: 7_000 });
    // It tells of a pass after what it did.
    await until(() => states(second.said).has('delivered'));
    await assertSamePoints(box, devices, 2 * 5 * 4);
  });

  it('lets one of two operators move, and tells the other why not', async () => {
    const operators = [await start('advance'), await start('advance')];
    for (const { child } of operators) child.send('now');
    await until(() => operators.every(({ said }) => said.length > 0));
    const outcomes = operators.map(({ said }) => said[0]);
    const refusals = outcomes.filter((outcome) => outcome !== 'done');
    assert.equal(refusals.length, 1, JSON.stringify(outcomes));
    assert.match(String(refusals[0]), /Somebody else moved it meanwhile|No point has been compared/);
    assert.equal(box.parts.journal.flags().telemetry, 'dual');
  });

  it('misses no acknowledged point in any read, whoever wrote it, while reads turn to and fro', async () => {
    await move(box, 'telemetry');
    const workers = [await start('churn', 1), await start('churn', 2), await start('churn', 3)];
    const told = new Map(workers.map(({ child }) => [child, 0]));
    for (const { child } of workers) {
      child.on('message', (message: Told | Churned) => {
        if (!('stored' in message)) return;
        told.set(child, (told.get(child) ?? 0) + 1);
        for (const other of workers) if (other.child !== child && other.child.connected) other.child.send(message);
      });
    }
    await until(() => [...told.values()].every((n) => n > 100), { limit_ms: 60_000 });
    const last = workers.map(({ said }) => said);
    for (const { child } of workers) child.send('stop');
    const isReport = (message: unknown): message is Churned =>
      typeof message === 'object' && 'reads' in (message ?? {});
    await until(() => last.every((said) => said.some(isReport)));
    const reports = last.map((said) => said.find(isReport) ?? assert.fail());
    assert.deepEqual(
      reports.flatMap(({ missed }) => missed),
      [],
    );
    const sum = (of: 'reads' | 'from_firestore' | 'flips') => reports.reduce((total, report) => total + report[of], 0);
    assert(sum('flips') > 50 && sum('reads') > 100, JSON.stringify(reports));
    assert(sum('from_firestore') > 20, 'hardly a read went to Firestore');
    await deliveryOf(box).everything();
    await assertSamePoints(box, devices, 300);
  });
});
