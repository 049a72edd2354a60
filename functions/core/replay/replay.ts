import { SECOND_MS, type Clock } from '../clock.ts';
import { Pending } from './pending.ts';
import { isForLater, type Posted, type PostedPoint, type Sleep } from './post.ts';
import type { TablePoint } from './table.ts';

export interface Plan {
  readonly offset_ms: number;
  /** Points before this one were acknowledged by an earlier run. */
  readonly skip: number;
  readonly batch: number;
  /** How many times faster than it was measured; undefined for as fast as the budget allows. */
  readonly speed: number | undefined;
}

export interface Tally {
  requests: number;
  accepted: number;
  duplicates: number;
  rejected: number;
  readonly rejected_by_code: Record<string, number>;
  /** The first refusal in words, to start looking from. */
  first_rejection: string | null;
  /** Every point before this one has been acknowledged. */
  next: number;
}

/** What sends points and knows how many requests that took so far. */
export interface Poster {
  readonly requests: number;
  post(points: readonly PostedPoint[]): Promise<Posted>;
}

export interface Surroundings {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly onProgress: (tally: Tally) => void;
}

/** Five requests a minute is what a device may do; a faithful replay spreads them evenly. */
const REQUEST_EVERY_MS = 12 * SECOND_MS;

/** Sends the table's points and adds up the receipts. `tally` stays right even when this is stopped half-way. */
export async function replay(
  points: AsyncIterable<TablePoint>,
  poster: Poster,
  plan: Plan,
  tally: Tally,
  { clock, sleep, onProgress }: Surroundings,
): Promise<void> {
  const pending = new Pending(from(points, plan.skip), plan.skip);
  const pace = plan.speed === undefined ? null : new Pace(plan.speed, clock, sleep);
  while ((await pending.peek()) !== undefined) {
    const due = pace === null ? () => true : await pace.nextDue(pending);
    const batch = await pending.take(plan.batch, due);
    try {
      const moved = batch.map(({ timestamp_ms, metrics }) => ({
        timestamp_ms: timestamp_ms + plan.offset_ms,
        metrics,
      }));
      const receipt = await poster.post(moved);
      pending.putBack(receipt.rejected.filter(isForLater).flatMap(({ index }) => batch[index] ?? []));
      add(tally, receipt);
      tally.next = pending.first_index;
    } finally {
      tally.requests = poster.requests;
    }
    onProgress(tally);
  }
}

export function emptyTally(skip: number): Tally {
  const counts = { requests: 0, accepted: 0, duplicates: 0, rejected: 0 };
  return { ...counts, rejected_by_code: {}, first_rejection: null, next: skip };
}

function add(tally: Tally, receipt: Posted): void {
  tally.accepted += receipt.accepted;
  tally.duplicates += receipt.duplicates;
  for (const rejection of receipt.rejected) {
    if (isForLater(rejection)) continue;
    tally.rejected += 1;
    tally.rejected_by_code[rejection.code] = (tally.rejected_by_code[rejection.code] ?? 0) + 1;
    tally.first_rejection ??= `${rejection.code}: ${rejection.detail}`;
  }
}

async function* from(points: AsyncIterable<TablePoint>, skip: number): AsyncGenerator<TablePoint> {
  for await (const point of points) if (point.index >= skip) yield point;
}

/** Scaled real time: a point is due as long after the first one as it was measured, divided by the speed. */
class Pace {
  readonly #speed: number;
  readonly #clock: Clock;
  readonly #sleep: Sleep;
  #origin: { readonly started_ms: number; readonly first_ms: number } | undefined;
  #last_ms = -Infinity;

  constructor(speed: number, clock: Clock, sleep: Sleep) {
    this.#speed = speed;
    this.#clock = clock;
    this.#sleep = sleep;
  }

  /** Waits until the next point is due and a request is fair; tells which points may go with it. */
  async nextDue(pending: Pending): Promise<(point: TablePoint) => boolean> {
    const first_ms = (await pending.peek())?.timestamp_ms ?? 0;
    const origin = (this.#origin ??= { started_ms: this.#clock.now_ms(), first_ms });
    const dueAt_ms = (timestamp_ms: number): number =>
      origin.started_ms + (timestamp_ms - origin.first_ms) / this.#speed;
    const ready_ms = Math.max(dueAt_ms(first_ms), this.#last_ms + REQUEST_EVERY_MS);
    const wait_ms = ready_ms - this.#clock.now_ms();
    if (wait_ms > 0) await this.#sleep(wait_ms, 'for the next measurement');
    this.#last_ms = Math.max(ready_ms, this.#clock.now_ms());
    return ({ timestamp_ms }) => dueAt_ms(timestamp_ms) <= this.#last_ms;
  }
}
