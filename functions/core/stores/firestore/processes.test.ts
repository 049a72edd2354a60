import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DEVICE_WRITES_PER_MINUTE } from '../../budgets/device-writes.ts';
import { MINUTE_MS } from '../../clock.ts';
import { ACME } from '../suite/fixtures.ts';
import { connectWitness, emulatorHost, freshProject } from './harness.ts';
import type { Round, RoundReport, WorkerOptions } from './processes.worker.ts';
import { rawFirestore } from './raw.ts';

const WORKER = join(import.meta.dirname, 'processes.worker.ts');
const FIRST_MINUTE_MS = Date.UTC(2026, 2, 17, 9, 27);
/** The device's bucket of ten minutes ends among them. */
const MINUTES_MS = [0, 1, 2, 3, 4].map((n) => FIRST_MINUTE_MS + n * MINUTE_MS);
const WRITES = 8;

describe('Three processes that write for one device', function () {
  this.timeout(90_000);

  /** All three at once in each minute; the next minute begins when all have their answers. */
  async function hammer(differences: readonly Partial<WorkerOptions>[]) {
    const at = { project_id: freshProject(), emulator_host: emulatorHost() };
    const workers = differences.map((difference, worker) =>
      fork(WORKER, [JSON.stringify({ ...at, worker, skew_ms: 0, loses_answers: false, ...difference })]),
    );
    const rounds: (readonly RoundReport[])[] = [];
    try {
      for (const now_ms of MINUTES_MS) {
        rounds.push(await Promise.all(workers.map((worker) => play(worker, { now_ms, writes: WRITES }))));
      }
    } finally {
      for (const worker of workers) worker.disconnect();
    }
    const firestore = connectWitness(at.project_id);
    const stored = await rawFirestore(() => firestore).points(ACME, 'boiler-1');
    await firestore.terminate();
    return { rounds, stored, accepted: rounds.map((reports) => total(reports, 'accepted')) };
  }

  it('have exactly five accepted in every minute', async () => {
    const { rounds, stored, accepted } = await hammer([{}, {}, {}]);
    assert.deepEqual(
      accepted,
      MINUTES_MS.map(() => DEVICE_WRITES_PER_MINUTE),
      JSON.stringify(rounds),
    );
    assert.equal(stored.length, sum(accepted));
    assert.equal(total(rounds.flat(), 'over_budget'), MINUTES_MS.length * (3 * WRITES - DEVICE_WRITES_PER_MINUTE));
  });

  it('have no more when the clock of one is a minute behind', async () => {
    const { stored, accepted } = await hammer([{}, { skew_ms: -MINUTE_MS }, {}]);
    const [first = 0, ...later] = accepted;
    assert(first <= 2 * DEVICE_WRITES_PER_MINUTE, `${first} in the first, which is two minutes to them`);
    assert.deepEqual(
      later,
      later.map(() => DEVICE_WRITES_PER_MINUTE),
    );
    assert.equal(stored.length, sum(accepted));
  });

  it('use no budget for what they send again because an answer was lost', async () => {
    const { rounds, stored, accepted } = await hammer([{ loses_answers: true }, {}, { loses_answers: true }]);
    assert.deepEqual(
      accepted,
      MINUTES_MS.map(() => DEVICE_WRITES_PER_MINUTE),
      JSON.stringify(rounds),
    );
    for (const [one, , other] of rounds) {
      assert.deepEqual([one?.duplicates, other?.duplicates], [one?.accepted, other?.accepted]);
    }
    assert.equal(stored.length, sum(accepted));
  });
});

async function play(worker: ChildProcess, round: Round): Promise<RoundReport> {
  const answer = once(worker, 'message');
  worker.send(round);
  const [report] = (await answer) as [RoundReport];
  return report;
}

function total(reports: readonly RoundReport[], what: keyof RoundReport): number {
  return sum(reports.map((report) => report[what]));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0);
}
