/** What several real processes of one machine do to one file. Clocks are handed in, so no minute passes. */
import Driver from 'better-sqlite3';
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DEVICE_WRITES_PER_MINUTE } from '../../budgets/device-writes.ts';
import { MINUTE_MS } from '../../clock.ts';
import { Meter } from '../../observability/meter.ts';
import { ACME, NOW_MS, aDevice } from '../suite/fixtures.ts';
import { openSqlite } from './open.ts';
import { POINTS_PER_REQUEST, type Round } from './processes-worker.ts';
import { rawSqlite } from './raw.ts';

const device = aDevice();

describe('several processes share one SQLite file', () => {
  let folder: string;
  let file: string;
  const children = new Set<ChildProcess>();

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'store-'));
    file = join(folder, 'store.db');
  });

  afterEach(async () => {
    for (const child of children) await kill(child);
    children.clear();
    rmSync(folder, { recursive: true });
  });

  function run(...args: readonly string[]): ChildProcess {
    const child = fork(new URL('./processes-worker.ts', import.meta.url), args, {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    children.add(child);
    return child;
  }

  async function hammers(): Promise<readonly ChildProcess[]> {
    const three = [run('hammer', file), run('hammer', file), run('hammer', file)];
    await Promise.all(three.map(answer));
    return three;
  }

  async function withRaw<T>(read: (raw: ReturnType<typeof rawSqlite>) => Promise<T>): Promise<T> {
    const db = new Driver(file, { readonly: true });
    try {
      assert.equal(db.pragma('integrity_check', { simple: true }), 'ok');
      return await read(rawSqlite(db));
    } finally {
      db.close();
    }
  }

  it('accepts exactly five writes of one device in each minute from three processes', async () => {
    const three = await hammers();
    for (let minute = 0; minute < 4; minute += 1) {
      const accepted = await round(three, () => ({ now_ms: NOW_MS + minute * MINUTE_MS, writes: 30 }));
      assert.equal(accepted, DEVICE_WRITES_PER_MINUTE, `minute ${minute}`);
    }
    const points = await withRaw((raw) => raw.points(ACME, device.device_id));
    const names = points.flatMap(({ metrics }) => Object.keys(JSON.parse(metrics) as object));
    assert.equal(names.length, 4 * DEVICE_WRITES_PER_MINUTE);
  }).timeout(60_000);

  it('accepts no more when the clocks of the processes are minutes apart', async () => {
    const three = await hammers();
    const minutes = 4;
    let accepted = 0;
    for (let minute = 0; minute < minutes; minute += 1) {
      accepted += await round(three, (i) => ({ now_ms: NOW_MS + (minute - i) * MINUTE_MS, writes: 20 }));
    }
    const counted = await withRaw((raw) => raw.writeBudget(ACME, device.device_id));
    assert.equal(counted?.used, DEVICE_WRITES_PER_MINUTE);
    // Two minutes more than rounds: those of the slower clocks, if they came first.
    assert(accepted <= (minutes + 2) * DEVICE_WRITES_PER_MINUTE, `${accepted} accepted`);
    assert(accepted >= minutes * DEVICE_WRITES_PER_MINUTE, `${accepted} accepted`);
  }).timeout(60_000);

  it('loses no acknowledged point to kill -9, and stores no half request', async () => {
    const acknowledged = new Set<number>();
    let next = 0;
    for (let kills = 0; kills < 8; kills += 1) {
      const child = run('stream', file, String(next));
      for (const request of await killAfter(child, 5 + 7 * kills)) acknowledged.add(request);
      const stored = await storedRequests(file);
      for (const request of acknowledged) assert(stored.has(request), `request ${request} was acknowledged and lost`);
      assert(stored.size <= acknowledged.size + kills + 1, 'no more than one request was in flight at each kill');
      next = Math.max(...stored) + 1;
    }
    const points = await withRaw((raw) => raw.points(ACME, device.device_id));
    assert.equal(points.length % POINTS_PER_REQUEST, 0);
    assert(acknowledged.size >= 8 * 5);
  }).timeout(60_000);

  it('lets several processes start at once on a new file', async () => {
    const starting = Array.from({ length: 4 }, () => run('start', file));
    const codes = await Promise.all(starting.map(async (child) => ((await once(child, 'exit')) as [number | null])[0]));
    assert.deepEqual(codes, [0, 0, 0, 0]);
    assert.deepEqual(await withRaw((raw) => raw.points(ACME, device.device_id)), []);
  }).timeout(60_000);
});

/** Requests of which every point is readable through a fresh handle; fails on one that is there in part. */
async function storedRequests(file: string): Promise<ReadonlySet<number>> {
  const backend = await openSqlite(file);
  const points = new Map<number, number>();
  const range = { start_ms: 0, end_ms: Number.MAX_SAFE_INTEGER };
  const { telemetry } = backend.withMeter(new Meter()).forTenant(ACME);
  for await (const chunk of telemetry.scan(device, range, { expected: 100, now_ms: NOW_MS })) {
    for (const { metrics } of chunk) {
      const { request } = JSON.parse(metrics) as { request: number };
      points.set(request, (points.get(request) ?? 0) + 1);
    }
  }
  await backend.close();
  for (const [request, found] of points) assert.equal(found, POINTS_PER_REQUEST, `request ${request}`);
  return new Set(points.keys());
}

/** Reads what the child acknowledges and kills it without warning once there were `enough`. */
async function killAfter(child: ChildProcess, enough: number): Promise<readonly number[]> {
  assert(child.stdout !== null);
  const acknowledged: number[] = [];
  for await (const line of createInterface(child.stdout)) {
    acknowledged.push(Number(line));
    if (acknowledged.length === enough) child.kill('SIGKILL');
  }
  await kill(child);
  return acknowledged;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function answer(child: ChildProcess): Promise<unknown> {
  const [message] = (await once(child, 'message')) as unknown[];
  return message;
}

/** All at once; how many writes were accepted in all. */
async function round(children: readonly ChildProcess[], roundOf: (i: number) => Round): Promise<number> {
  const answers = Promise.all(children.map(answer));
  children.forEach((child, i) => child.send(roundOf(i)));
  return (await answers).map(Number).reduce((sum, accepted) => sum + accepted, 0);
}
