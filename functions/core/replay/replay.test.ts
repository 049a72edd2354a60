import assert from 'node:assert/strict';
import { DAY_MS } from '../clock.ts';
import type { Posted, PostedPoint } from './post.ts';
import { emptyTally, replay, type Plan, type Poster, type Tally } from './replay.ts';
import { offsetFor } from './shift.ts';
import type { TablePoint } from './table.ts';

const PLAN: Plan = { offset_ms: 0, skip: 0, batch: 3, speed: undefined };

async function* table(...times_ms: number[]): AsyncGenerator<TablePoint> {
  for (const [index, timestamp_ms] of times_ms.entries()) {
    yield await Promise.resolve({ index, timestamp_ms, metrics: { value: index } });
  }
}

/** Takes what comes and remembers it; `answer` may refuse some. */
class FakePoster implements Poster {
  readonly posts: { at_ms: number; times_ms: number[] }[] = [];
  readonly #now_ms: () => number;
  readonly #answer: (points: readonly PostedPoint[]) => Posted;

  constructor(now_ms: () => number, answer?: (points: readonly PostedPoint[]) => Posted) {
    this.#now_ms = now_ms;
    this.#answer = answer ?? ((points) => ({ accepted: points.length, duplicates: 0, rejected: [] }));
  }

  get requests(): number {
    return this.posts.length;
  }

  post(points: readonly PostedPoint[]): Promise<Posted> {
    this.posts.push({ at_ms: this.#now_ms(), times_ms: points.map(({ timestamp_ms }) => timestamp_ms) });
    return Promise.resolve(this.#answer(points));
  }
}

function world() {
  let now_ms = 1_000_000;
  const sleep = (ms: number): Promise<void> => {
    now_ms += ms;
    return Promise.resolve();
  };
  return { clock: { now_ms: () => now_ms }, sleep, onProgress: () => undefined };
}

async function run(
  points: AsyncIterable<TablePoint>,
  plan: Plan,
  poster: FakePoster,
  around = world(),
): Promise<Tally> {
  const tally = emptyTally(plan.skip);
  await replay(points, poster, plan, tally, around);
  return tally;
}

describe('replay', () => {
  it('sends everything in batches, moved by one offset', async () => {
    const around = world();
    const poster = new FakePoster(around.clock.now_ms);
    const tally = await run(table(1, 2, 3, 4), { ...PLAN, offset_ms: 100 }, poster, around);
    assert.deepEqual(
      poster.posts.map(({ times_ms }) => times_ms),
      [[101, 102, 103], [104]],
    );
    assert.deepEqual([tally.accepted, tally.requests, tally.next], [4, 2, 4]);
  });

  it('leaves out what an earlier run sent', async () => {
    const poster = new FakePoster(() => 0);
    const tally = await run(table(1, 2, 3, 4), { ...PLAN, skip: 3 }, poster);
    assert.deepEqual(poster.posts[0]?.times_ms, [4]);
    assert.equal(tally.next, 4);
  });

  it('sends points again that only needed another request, and counts real refusals', async () => {
    const poster = new FakePoster(
      () => 0,
      (points) => {
        const rejected = points.slice(1).map(({ timestamp_ms }, at) => {
          const code = timestamp_ms === 3 ? 'conflict' : 'too_many_buckets';
          return { index: at + 1, code, detail: 'why' };
        });
        return { accepted: 1, duplicates: 0, rejected };
      },
    );
    const tally = await run(table(1, 2, 3, 4), PLAN, poster);
    assert.deepEqual(
      poster.posts.map(({ times_ms }) => times_ms),
      [[1, 2, 3], [2, 4], [4]],
    );
    assert.deepEqual([tally.accepted, tally.rejected, tally.rejected_by_code], [3, 1, { conflict: 1 }]);
    assert.equal(tally.first_rejection, 'conflict: why');
  });

  it('keeps the pace of the measurements, scaled, in no more requests than a device may make', async () => {
    const around = world();
    const poster = new FakePoster(around.clock.now_ms);
    const minutes_ms = [0, 1, 2, 3, 10].map((minute) => minute * 60_000);
    await run(table(...minutes_ms), { ...PLAN, batch: 1_000, speed: 10 }, poster, around);
    assert.deepEqual(
      poster.posts.map(({ at_ms, times_ms }) => [at_ms - 1_000_000, times_ms.length]),
      [
        [0, 1],
        [12_000, 2],
        [24_000, 1],
        [60_000, 1],
      ],
    );
  });
});

describe('the offset of a replay', () => {
  const now_ms = Date.UTC(2025, 5, 1);
  const found = { points: 1, skipped_rows: 0, oldest_ms: 0, newest_ms: now_ms - 100 * DAY_MS };

  it('moves the newest point to now, or as far as it is told', () => {
    assert.equal(offsetFor('now', found, now_ms), 100 * DAY_MS);
    assert.equal(offsetFor(50 * DAY_MS, found, now_ms), 50 * DAY_MS);
  });

  it('is suggested when nothing would be accepted without it', () => {
    assert.throws(() => offsetFor('none', found, now_ms), /older than the 90 days.*--shift-to-now/);
    assert.throws(() => offsetFor(200 * DAY_MS, found, now_ms), /in the future.*--shift-to-now/);
    assert.equal(offsetFor('none', { ...found, newest_ms: now_ms - DAY_MS }, now_ms), 0);
  });
});
