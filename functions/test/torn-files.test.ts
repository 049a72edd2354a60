/** What a box makes of its files after a crash that has also spoilt them, and beside another box on the same file. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CrashBox } from '../crash/box.ts';
import { checkFile, noFindings } from '../crash/check.ts';
import { Controller } from '../crash/controller.ts';
import { History, outcomeOf } from '../crash/history.ts';
import { seededRandom } from './support/grpc-faults.ts';

const LOAD_MS = 400;
/** Less than a page: the last frame alone is hit. */
const TORN_BYTES = 1_000;
/** SQLite's format of a write-ahead log: the head of the file, that of each frame, and where both keep the same salt. */
const WAL = { head: 32, frame_head: 24, page_size_at: 8, salt_at: 16, frame_salt_at: 8, salt_bytes: 8 };

/** Where the frames of this round end: after a checkpoint those of the round before may lie beyond, and say nothing. */
function endOfFrames(wal: Buffer): number {
  const frame_bytes = WAL.frame_head + wal.readUInt32BE(WAL.page_size_at);
  const salt = wal.subarray(WAL.salt_at, WAL.salt_at + WAL.salt_bytes);
  let end = WAL.head;
  while (
    wal
      .subarray(end + WAL.frame_salt_at)
      .subarray(0, WAL.salt_bytes)
      .equals(salt)
  )
    end += frame_bytes;
  assert(end > WAL.head && end <= wal.length, 'there is a frame to tear');
  return end;
}

describe('a box that was killed', function () {
  this.timeout(90_000);
  let box: CrashBox;
  let history: History;
  let controllers: readonly Controller[];

  beforeEach(async () => {
    box = new CrashBox();
    history = new History();
    const operator = await box.furnish();
    const random = seededRandom(1);
    controllers = [0, 1, 2, 3].map((number) => new Controller({ number, history, random, operator }));
  });
  afterEach(() => box.remove());

  /** Posts until it is killed. */
  async function postAndDie(): Promise<void> {
    const running = await box.start();
    const posting = controllers.map((controller) => controller.run(running.url));
    await sleep(LOAD_MS);
    await running.kill();
    await Promise.all(posting);
    assert(history.count().acknowledged > 0);
  }

  /** Starts it on what is there now, and says what is wrong with that. */
  async function findingsOf() {
    const running = await box.start();
    const findings = noFindings();
    checkFile(box.file, history.devices, findings);
    await running.kill();
    return findings;
  }

  it('has everything without its -shm', async () => {
    await postAndDie();
    rmSync(`${box.file}-shm`);
    assert.deepEqual(await findingsOf(), noFindings());
  });

  for (const [how, spoil] of [
    ['cut off', (file: string, from: number) => truncateSync(file, from)],
    [
      'garbled',
      (file: string, from: number, to: number) => writeFileSync(file, readFileSync(file).fill(0xa5, from, to)),
    ],
  ] as const) {
    it(`goes on from the last whole commit when the end of its -wal is ${how}`, async () => {
      await postAndDie();
      const wal = readFileSync(`${box.file}-wal`);
      const end = endOfFrames(wal);
      spoil(`${box.file}-wal`, end - TORN_BYTES, end);
      assert.notDeepEqual(readFileSync(`${box.file}-wal`).subarray(0, end), wal.subarray(0, end));
      const { lost, doubled, wrong } = await findingsOf();
      assert.deepEqual([doubled, wrong], [[], []]);
      // Of the commits only the last was spoilt; one batch of it, if it was one of points.
      assert(lost.length <= 1, lost.join('\n'));
      await postAndDie();
      assert.deepEqual((await findingsOf()).lost, lost);
    });
  }

  it('takes nothing from another on the same file, which goes on', async () => {
    const [first, second] = [await box.start(), await box.start()];
    const dying = controllers.slice(0, 2).map((controller) => controller.run(first.url));
    const living = controllers.slice(2).map((controller) => controller.run(second.url));
    await sleep(LOAD_MS);
    await first.kill();
    await Promise.all(dying);
    const before = history.count().acknowledged;
    await sleep(LOAD_MS);
    assert(history.count().acknowledged > before);
    await second.kill();
    await Promise.all(living);
    const done = history.devices.flatMap(({ batches }) => batches).filter((batch) => outcomeOf(batch) === 'ok');
    assert(done.length > 5, String(done.length));
    assert.deepEqual([await findingsOf(), history.strange], [noFindings(), []]);
  });
});
