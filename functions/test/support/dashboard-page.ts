/** A page that shows charts and asks for them again every few seconds, as the demo's page does. */
import { MINUTE_MS } from '@bas/core/clock';
import * as z from 'zod';
import type { Answer, Caller } from './client.ts';
import type { MovableClock } from './movable-clock.ts';

const Points = z.array(z.object({ timestamp_ms: z.number() }));
const OneChart = z.object({ device_id: z.string(), points: Points });
const Charts = z.union([z.object({ devices: z.array(OneChart) }), OneChart.transform((one) => ({ devices: [one] }))]);

interface Shown {
  readonly etag: string;
  readonly fresh_until_ms: number;
}

/** What a dashboard has seen, read and been promised. */
export class DashboardPage {
  readonly statuses = new Map<number, number>();
  /** Of every point that was posted and not shown yet, how long that has been so; the worst of all. */
  worst_late_ms = 0;
  /** Answers that lack a point that was there when they say they were read. */
  readonly broken_promises: string[] = [];
  reads = 0;
  readonly opened_ms: number;
  readonly #clock: MovableClock;
  readonly #instance: () => Caller;
  readonly #shown = new Map<string, Shown>();
  readonly #newest = new Map<string, number>();
  /** By device: points that were posted and are not shown. */
  readonly #missing = new Map<string, { timestamp_ms: number; posted_ms: number }[]>();
  readonly #log: { readonly at_ms: number; readonly reads: number }[] = [];

  constructor(clock: MovableClock, instance: () => Caller) {
    this.opened_ms = clock.now_ms();
    this.#clock = clock;
    this.#instance = instance;
  }

  posted(device_id: string, timestamp_ms: number): void {
    const missing = this.#missing.get(device_id) ?? [];
    this.#missing.set(device_id, [...missing, { timestamp_ms, posted_ms: this.#clock.now_ms() }]);
  }

  async poll(path: string): Promise<void> {
    const held = this.#shown.get(path);
    const headers = held === undefined ? {} : { 'if-none-match': held.etag };
    const answer = await this.#instance().get(path, { headers });
    this.statuses.set(answer.status, (this.statuses.get(answer.status) ?? 0) + 1);
    const reads = Number(answer.headers['x-read-count'] ?? 0);
    this.reads += reads;
    this.#log.push({ at_ms: this.#clock.now_ms(), reads });
    if (answer.status === 200) this.#show(answer);
    if (answer.status === 200 || answer.status === 304) this.#keep(path, answer);
  }

  /** Statuses of answers that showed nothing. */
  get failures(): readonly number[] {
    return [...this.statuses.keys()].filter((status) => status !== 200 && status !== 304);
  }

  /** After all polls of a moment. */
  look(): void {
    const now_ms = this.#clock.now_ms();
    for (const [device_id, missing] of this.#missing) {
      const still = missing.filter(({ timestamp_ms }) => timestamp_ms > (this.#newest.get(device_id) ?? 0));
      this.#missing.set(device_id, still);
      for (const { posted_ms } of still) this.worst_late_ms = Math.max(this.worst_late_ms, now_ms - posted_ms);
    }
  }

  /** The most documents read within any sixty seconds that begin at `since_ms` or later. */
  worstMinute(since_ms = 0): number {
    const log = this.#log.filter(({ at_ms }) => at_ms >= since_ms);
    let [from, sum, worst] = [0, 0, 0];
    for (const { at_ms, reads } of log) {
      sum += reads;
      for (; (log[from]?.at_ms ?? at_ms) <= at_ms - MINUTE_MS; from += 1) sum -= log[from]?.reads ?? 0;
      worst = Math.max(worst, sum);
    }
    return worst;
  }

  #keep(path: string, { headers }: Answer): void {
    const fresh_for_ms = Number(headers['x-fresh-for']) * 1_000;
    this.#shown.set(path, { etag: headers.etag ?? '', fresh_until_ms: this.#clock.now_ms() + fresh_for_ms });
  }

  #show(answer: Answer): void {
    const read_ms = this.#clock.now_ms() - (Number(answer.headers.age ?? 0) + 1) * 1_000;
    for (const { device_id, points } of Charts.parse(answer.json()).devices) {
      const newest_ms = points[0]?.timestamp_ms ?? 0;
      this.#newest.set(device_id, newest_ms);
      const lacking = this.#missing
        .get(device_id)
        ?.find((point) => point.posted_ms <= read_ms && point.timestamp_ms > newest_ms);
      if (lacking !== undefined)
        this.broken_promises.push(`${device_id} at ${this.#clock.now_ms()}: ${lacking.timestamp_ms}`);
    }
  }
}
