import type { TablePoint } from './table.ts';

/** Well below the 1 MiB that a body may have; the rest of the request is small. */
const MAX_BATCH_BYTES = 1_000_000;

/** Points still to be sent: those put back first, then the rest of the table, which is read as it is needed. */
export class Pending {
  readonly #table: AsyncIterator<TablePoint>;
  readonly #again: TablePoint[] = [];
  #next_index: number;

  constructor(table: AsyncIterable<TablePoint>, first_index: number) {
    this.#table = table[Symbol.asyncIterator]();
    this.#next_index = first_index;
  }

  /** Every point before this one has been acknowledged. */
  get first_index(): number {
    return this.#again.reduce((first, { index }) => Math.min(first, index), this.#next_index);
  }

  async peek(): Promise<TablePoint | undefined> {
    if (this.#again.length === 0) {
      const next = await this.#table.next();
      if (next.done === true) return undefined;
      this.#again.push(next.value);
      this.#next_index = next.value.index + 1;
    }
    return this.#again[0];
  }

  /** At most `count` points and one body's bytes, as long as `wanted` says so. */
  async take(count: number, wanted: (point: TablePoint) => boolean): Promise<TablePoint[]> {
    const batch: TablePoint[] = [];
    let bytes = 0;
    while (batch.length < count) {
      const point = await this.peek();
      if (point === undefined || !wanted(point)) break;
      bytes += Buffer.byteLength(JSON.stringify(point.metrics)) + 48;
      if (bytes > MAX_BATCH_BYTES && batch.length > 0) break;
      batch.push(point);
      this.#again.shift();
    }
    return batch;
  }

  putBack(points: readonly TablePoint[]): void {
    this.#again.unshift(...points);
  }
}
