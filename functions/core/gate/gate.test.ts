import assert from 'node:assert/strict';
import { MovableClock } from '../../test/support/movable-clock.ts';
import { HOUR_MS, MINUTE_MS } from '../clock.ts';
import type { FindingCode, FreshFinding } from './findings.ts';
import { IndexGate, type GateParts, type GateStore } from './gate.ts';
import { openIndexGate } from './open.ts';
import type { GateReport } from './report.ts';

class Memory implements GateStore {
  report: GateReport | null = null;
  saves = 0;

  load(): Promise<GateReport | null> {
    return Promise.resolve(this.report);
  }

  save(report: GateReport): Promise<void> {
    this.report = report;
    this.saves += 1;
    return Promise.resolve();
  }
}

const finding = (code: FindingCode): FreshFinding => ({ code, subject: 'index t', detail: '', concern: 'telemetry' });

/** A database whose one index is as `code` says, and how often it was asked. */
class Database {
  code: FindingCode = 'index_creating';
  asked = 0;

  read = (): Promise<readonly FreshFinding[]> => {
    this.asked += 1;
    return Promise.resolve([finding(this.code)]);
  };
}

describe('the index gate', () => {
  let clock: MovableClock;
  let store: Memory;
  let database: Database;
  const gate = (parts: Partial<GateParts> = {}) =>
    new IndexGate({ store, clock, about: 'cloud/p@1', read: database.read, random: () => 1, ...parts });
  /** Lets each pause pass and checks again; the pauses, in ms. */
  const pauses = async (checks: number, random: () => number): Promise<number[]> => {
    const found: number[] = [];
    for (let count = 0; count < checks; count += 1) {
      const check = await gate({ random }).checkIfDue();
      assert(check !== null);
      const pause_ms = check.report.next_check_ms - check.report.checked_ms;
      clock.advance(pause_ms - 1);
      assert.equal(await gate({ random }).checkIfDue(), null);
      clock.advance(1);
      found.push(pause_ms);
    }
    return found;
  };

  beforeEach(() => {
    clock = new MovableClock();
    store = new Memory();
    database = new Database();
  });

  it('asks at once, then remembers until it is time to ask again', async () => {
    assert.equal(await gate().nextCheck_ms(), 0);
    const check = await gate().checkIfDue();
    assert.equal(check?.report.state, 'not_ready');
    assert.equal(await gate().nextCheck_ms(), check.report.next_check_ms);
    assert.equal(await gate().checkIfDue(), null);
    assert.deepEqual(await gate().remembered(), store.report);
    assert.equal(database.asked, 1);
  });

  it('asks every 15 minutes while ready', async () => {
    database.code = 'index_ready';
    assert.deepEqual(await pauses(3, Math.random), [15 * MINUTE_MS, 15 * MINUTE_MS, 15 * MINUTE_MS]);
  });

  it('asks ever less often while not ready, from 1 second to 5 minutes, and not in step', async () => {
    assert.deepEqual(await pauses(8, () => 1), [3_000, 9_000, 27_000, 81_000, 243_000, 300_000, 300_000, 300_000]);
    store.report = null;
    assert.deepEqual(await pauses(3, () => 0), [1_000, 1_000, 1_000]);
    store.report = null;
    const halves = await pauses(4, () => 0.5);
    assert.deepEqual(halves, [2_000, 3_500, 5_750, 9_125]);
  });

  it('asks soon again when what was ready is not', async () => {
    database.code = 'index_ready';
    await gate().check();
    database.code = 'unreachable';
    clock.advance(15 * MINUTE_MS);
    const check = await gate().checkIfDue();
    assert.equal(check?.report.next_check_ms, clock.now_ms() + 3_000);
  });

  it('tells that the state changed, once', async () => {
    const first = await gate().check();
    assert.deepEqual([first.before, first.changed, first.report.state], [null, true, 'not_ready']);
    const same = await gate().check();
    assert.deepEqual([same.before, same.changed], ['not_ready', false]);
    database.code = 'index_ready';
    const opened = await gate().check();
    assert.deepEqual([opened.before, opened.changed, opened.report.state], ['not_ready', true, 'ready']);
  });

  it('keeps since when something has been so, until it is otherwise', async () => {
    const began_ms = clock.now_ms();
    const since = async (): Promise<number | undefined> => (await gate().check()).report.findings[0]?.since_ms;
    assert.equal(await since(), began_ms);
    clock.advance(HOUR_MS);
    assert.equal(await since(), began_ms);
    database.code = 'index_ready';
    assert.equal(await since(), began_ms + HOUR_MS);
  });

  it('asks once for all who ask at the same time, and tells one of them of the change', async () => {
    const one = gate();
    const checks = await Promise.all([one.check(), one.check(), one.checkIfDue()]);
    assert.equal(database.asked, 1);
    assert.equal(store.saves, 1);
    assert.equal(checks.filter((check) => check?.changed).length, 1);
    await one.check();
    assert.equal(database.asked, 2);
  });

  it('asks again after a failure of its store', async () => {
    const one = gate({ store: { load: () => store.load(), save: () => Promise.reject(new Error('disk full')) } });
    await assert.rejects(one.check(), /disk full/);
    await assert.rejects(one.check(), /disk full/);
    assert.equal(database.asked, 2);
  });

  it('trusts no answer about another database, other requirements, or another time', async () => {
    database.code = 'index_ready';
    await gate().check();
    const other = gate({ about: 'cloud/p@2' });
    assert.equal(await other.remembered(), null);
    assert.equal((await other.checkIfDue())?.before, null);
    clock.advance(-HOUR_MS);
    assert.notEqual(await other.checkIfDue(), null);
  });

  it('asks nobody when an emulator is used', async () => {
    const emulated = { project_id: 'demo-p', emulator_host: '127.0.0.1:1', store, clock };
    const { report } = await openIndexGate(emulated).check();
    assert.equal(report.state, 'emulator');
    assert.match(report.findings[0]?.detail ?? '', /--emulator/);
  });
});
