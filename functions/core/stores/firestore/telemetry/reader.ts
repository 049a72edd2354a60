import { bucketAt } from '../../../model/bucket.ts';
import type { Device } from '../../../model/entities.ts';
import type { Point } from '../../../model/point.ts';
import { oldestKept_ms } from '../../../model/retention.ts';
import type { Meter } from '../../../observability/meter.ts';
import type { ScanOptions, TimeRange } from '../../contracts.ts';
import type { Documents } from '../documents.ts';
import { affordable, firstBatch, likelyPollReads, mayTake_bytes, POLL_LIMIT, Seen } from './batches.ts';
import { within, type Bucket } from './bucket.ts';
import type { TelemetryMemory } from './memory.ts';
import { queryBuckets } from './query.ts';
import { beyondRollover_ms } from './rollover.ts';
import { refuseUnsound } from './soundness.ts';
import { FRESHNESS_MS, OLDER_BUCKETS_MS, type View } from './view.ts';

export interface ReaderOptions {
  readonly documents: Pick<Documents, 'query'>;
  readonly memory: TelemetryMemory;
  readonly meter: Meter;
  readonly remember: boolean;
  /** Whether answers say how long they are fresh: not where every look must see what was stored a moment ago. */
  readonly promise: boolean;
}

interface Walk {
  readonly device: Device;
  readonly from_ms: number;
  below_ms: number;
  readonly range: TimeRange;
  readonly options: ScanOptions;
}

/** Reads a device's buckets newest first, asking the store for no more than the consumer is likely to take. */
export class TelemetryReader {
  readonly #documents: ReaderOptions['documents'];
  readonly #memory: TelemetryMemory;
  readonly #meter: Meter;
  readonly #remember: boolean;
  readonly #promise: boolean;
  #fresh_for_ms = Infinity;
  #paced_ms: number | undefined;

  constructor({ documents, memory, meter, remember, promise }: ReaderOptions) {
    this.#documents = documents;
    this.#memory = memory;
    this.#meter = meter;
    this.#remember = remember;
    this.#promise = promise;
  }

  async *scan(device: Device, range: TimeRange, options: ScanOptions): AsyncGenerator<readonly Point[]> {
    const kept = { ...range, start_ms: Math.max(range.start_ms, oldestKept_ms(options.now_ms)) };
    if (kept.start_ms >= kept.end_ms) return;
    const from_ms = bucketAt(device.widths, kept.start_ms).start_ms;
    const walk: Walk = { device, from_ms, below_ms: kept.end_ms, range: kept, options };
    const view = this.#remember ? this.#memory.view(device) : null;
    for await (const bucket of view === null ? this.#below(walk, null) : this.#fromMemory(walk, view)) {
      refuseUnsound(bucket, device);
      const points = within(bucket.points, kept);
      if (points.length > 0) yield points;
    }
  }

  async *#fromMemory(walk: Walk, view: View): AsyncGenerator<Bucket> {
    const { device, range, options } = walk;
    const newest_ms = view.newest_ms;
    if (newest_ms === null ? range.end_ms >= options.now_ms : range.end_ms > newest_ms) await this.#poll(walk, view);
    const recall = (start_ms: number) => this.#memory.recall(device, start_ms)?.bucket;
    const seen = new Seen();
    let continues = false;
    // What is too old is good enough while the budget allows no look.
    for (const max_age_ms of [this.#olderLast_ms, Infinity]) {
      if (max_age_ms === Infinity && this.#mayLook) break;
      const known = view.walk(walk, options.now_ms, max_age_ms, (start_ms) => recall(start_ms) !== undefined);
      const found = known.starts_ms.map(recall).filter((bucket) => bucket !== undefined);
      if (found.length > 0) this.#servedFromMemory(walk, options.now_ms - known.oldest_verified_ms);
      yield* found;
      if (known.ends) return;
      walk.below_ms = known.starts_ms.at(-1) ?? walk.below_ms;
      for (const bucket of found) seen.add(bucket);
      continues ||= known.continues;
    }
    yield* this.#below(walk, continues ? view : null, seen);
  }

  /** Makes sure that the newest part of the view is fresh. Requests that come meanwhile share one look. */
  async #poll(walk: Walk, view: View): Promise<void> {
    const { now_ms } = walk.options;
    const age_ms = view.age_ms(now_ms);
    const { allowance } = this.#meter;
    const is_fresh = age_ms !== null && age_ms < this.#lasts_ms;
    const refused =
      !is_fresh && age_ms !== null && allowance?.take(likelyPollReads(walk.device, view.newest_ms, now_ms)) === false;
    if (is_fresh || refused) {
      this.#meter.usedCache(age_ms);
      this.#freshFor(walk, is_fresh ? this.#lasts_ms - age_ms : (allowance?.wait_ms ?? 0));
      return;
    }
    if (age_ms === null) allowance?.requireLook();
    await view.shared(() => this.#lookAtTop(walk, view));
    this.#meter.countReads(0);
    this.#freshFor(walk, this.#lasts_ms);
  }

  async #lookAtTop({ device, from_ms, options }: Walk, view: View): Promise<void> {
    const mark = view.mark();
    const poll_ms = view.pollFrom_ms;
    const limit =
      poll_ms === null
        ? affordable(firstBatch(device, options, this.#meter.allowance), this.#meter.allowance) || 1
        : POLL_LIMIT;
    const lowest_ms = poll_ms ?? from_ms;
    const known = poll_ms === null ? undefined : this.#memory.recall(device, poll_ms)?.bucket;
    const place = await this.#memory.under_way.take(mayTake_bytes(limit, known));
    try {
      const found = await queryBuckets(this.#documents, device, { from_ms: lowest_ms, limit });
      for (const bucket of found) this.#memory.remember(device, bucket, options.now_ms);
      const starts_ms = found.map((bucket) => bucket.start_ms);
      const whole = poll_ms === null && found.length < limit;
      view.lookedAtTop({ starts_ms, below_ms: null, from_ms: lowest_ms, whole, now_ms: options.now_ms, mark });
    } finally {
      place.resize(0);
    }
  }

  /** Walks on by query in batches; remembers what it finds when it continues `view`. */
  async *#below(walk: Walk, view: View | null, seen = new Seen()): AsyncGenerator<Bucket> {
    const { allowance } = this.#meter;
    const { device, options } = walk;
    let goes_on = true;
    while (goes_on) {
      const wanted = seen.buckets === 0 ? firstBatch(device, options, allowance) : seen.nextBatch(options.expected);
      let limit = affordable(wanted, allowance);
      if (limit === 0) {
        if (options.mayStop?.(walk.below_ms) === true) return;
        allowance?.requireShare();
        limit = 1;
      }
      goes_on = yield* this.#batch(walk, view, limit, seen);
    }
  }

  /** Keeps its room in memory until the consumer is through with it; false when nothing can follow. */
  async *#batch(walk: Walk, view: View | null, limit: number, seen: Seen): AsyncGenerator<Bucket, boolean> {
    const { device, from_ms, below_ms, options } = walk;
    const place = await this.#memory.under_way.take(mayTake_bytes(limit));
    try {
      const mark = view?.mark() ?? 0;
      const found = await queryBuckets(this.#documents, device, { from_ms, below_ms, limit });
      place.resize(found.reduce((sum, { bytes }) => sum + bytes, 0));
      this.#freshFor(walk, this.#lasts_ms);
      const whole = found.length < limit;
      const starts_ms = found.map((bucket) => bucket.start_ms);
      view?.lookedBelow({ starts_ms, below_ms, from_ms, whole, now_ms: options.now_ms, mark });
      for (const bucket of found) {
        seen.add(bucket);
        yield view === null ? bucket : this.#memory.remember(device, bucket, options.now_ms);
      }
      walk.below_ms = starts_ms.at(-1) ?? from_ms;
      return !whole && walk.below_ms > from_ms;
    } finally {
      place.resize(0);
    }
  }

  #servedFromMemory(walk: Walk, age_ms: number): void {
    if (age_ms <= 0) return;
    this.#meter.usedCache(age_ms);
    const left_ms = this.#olderLast_ms - age_ms;
    const stays = left_ms < 0 || !this.#mayLook;
    this.#freshFor(walk, stays ? (this.#meter.allowance?.wait_ms ?? 0) : Math.min(this.#lasts_ms, left_ms));
  }

  /** For how long what was read is fresh: longer when the dashboard that asks has much on screen. */
  get #lasts_ms(): number {
    this.#paced_ms ??= Math.max(FRESHNESS_MS, this.#meter.allowance?.pace_ms ?? 0);
    return this.#paced_ms;
  }

  get #olderLast_ms(): number {
    return Math.max(OLDER_BUCKETS_MS, this.#lasts_ms);
  }

  get #mayLook(): boolean {
    return this.#meter.allowance?.mayRead ?? true;
  }

  /** An answer is as fresh as its stalest part. None at all would be no promise, and could not be made longer. */
  #freshFor({ device, options }: Walk, ms: number): void {
    if (!this.#promise) return;
    const fresh_ms = beyondRollover_ms(device, options.now_ms, Math.max(1, ms), this.#meter.allowance?.pace_ms ?? 0);
    this.#fresh_for_ms = Math.min(this.#fresh_for_ms, fresh_ms);
    this.#meter.fresh_for_ms = this.#fresh_for_ms;
  }
}
