import { bucketAt, POINTS_PER_BUCKET } from '../../../model/bucket.ts';
import type { Device } from '../../../model/entities.ts';
import type { Point } from '../../../model/point.ts';
import { oldestKept_ms } from '../../../model/retention.ts';
import type { Meter } from '../../../observability/meter.ts';
import type { ScanOptions, TimeRange } from '../../contracts.ts';
import type { Documents } from '../documents.ts';
import { Bucket } from './bucket.ts';
import type { TelemetryMemory } from './memory.ts';
import { refuseMisplaced, refuseUnsound } from './soundness.ts';
import { FRESHNESS_MS, OLDER_BUCKETS_MS, type View } from './view.ts';

const POLL_LIMIT = 2;
/** A device that misses a tenth of its points is still served by one bucket. */
const SURELY = 1.1;
const MAX_BATCH = 16;

export interface ReaderOptions {
  readonly documents: Documents;
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
  readonly #documents: Documents;
  readonly #memory: TelemetryMemory;
  readonly #meter: Meter;
  readonly #remember: boolean;
  readonly #promise: boolean;
  #fresh_for_ms = Infinity;

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
    const known = view.walk(walk.below_ms, walk.from_ms, options.now_ms, (start_ms) => recall(start_ms) !== undefined);
    const buckets = known.starts_ms.map(recall);
    if (buckets.length > 0) this.#servedFromMemory(options.now_ms - known.oldest_verified_ms);
    for (const bucket of buckets) if (bucket !== undefined) yield bucket;
    if (known.ends) return;
    walk.below_ms = known.starts_ms.at(-1) ?? walk.below_ms;
    yield* this.#below(walk, known.continues ? view : null, buckets);
  }

  /** Makes sure that the newest part of the view is fresh. Requests that come meanwhile share one look. */
  async #poll(walk: Walk, view: View): Promise<void> {
    const { now_ms } = walk.options;
    const age_ms = view.age_ms(now_ms);
    if (age_ms !== null && age_ms < FRESHNESS_MS) {
      this.#meter.usedCache(age_ms);
      this.#freshFor(FRESHNESS_MS - age_ms);
      return;
    }
    await view.shared(() => this.#lookAtTop(walk, view));
    this.#meter.countReads(0);
    this.#freshFor(FRESHNESS_MS);
  }

  async #lookAtTop({ device, from_ms, options }: Walk, view: View): Promise<void> {
    const mark = view.mark();
    const poll_ms = view.pollFrom_ms;
    const limit = poll_ms === null ? firstBatch(device, options) : POLL_LIMIT;
    const lowest_ms = poll_ms ?? from_ms;
    const found = await this.#query(device, { from_ms: lowest_ms, limit });
    for (const bucket of found) this.#memory.remember(device, bucket, options.now_ms);
    const starts_ms = found.map((bucket) => bucket.start_ms);
    const whole = poll_ms === null && found.length < limit;
    view.lookedAtTop({ starts_ms, below_ms: null, from_ms: lowest_ms, whole, now_ms: options.now_ms, mark });
  }

  /** Walks on by query in batches; remembers what it finds when it continues `view`. */
  async *#below(walk: Walk, view: View | null, before: readonly (Bucket | undefined)[] = []): AsyncGenerator<Bucket> {
    const { device, from_ms, options } = walk;
    let buckets = before.length;
    let points = before.reduce((sum, bucket) => sum + (bucket?.points.length ?? 0), 0);
    let limit = buckets === 0 ? firstBatch(device, options) : nextBatch(options.expected, points, buckets);
    for (;;) {
      const { below_ms } = walk;
      const mark = view?.mark() ?? 0;
      const found = await this.#query(device, { from_ms, below_ms, limit });
      this.#freshFor(FRESHNESS_MS);
      const whole = found.length < limit;
      const starts_ms = found.map((bucket) => bucket.start_ms);
      view?.lookedBelow({ starts_ms, below_ms, from_ms, whole, now_ms: options.now_ms, mark });
      for (const bucket of found) {
        yield view === null ? bucket : this.#memory.remember(device, bucket, options.now_ms);
      }
      walk.below_ms = starts_ms.at(-1) ?? from_ms;
      if (whole || walk.below_ms <= from_ms) return;
      buckets += found.length;
      points += found.reduce((sum, bucket) => sum + bucket.points.length, 0);
      limit = nextBatch(options.expected, points, buckets);
    }
  }

  async #query(
    { tenant_id, device_id }: Device,
    { from_ms, below_ms, limit }: { from_ms: number; below_ms?: number; limit: number },
  ): Promise<readonly Bucket[]> {
    const documents = await this.#documents.query({
      shape: 'buckets',
      equal: [tenant_id, device_id],
      from: from_ms,
      ...(below_ms === undefined ? {} : { below: below_ms }),
      limit,
    });
    return documents.map((document) => {
      const start_ms = document.fields.number('timestamp_ms');
      refuseMisplaced(document, { tenant_id, device_id, start_ms });
      return Bucket.read(start_ms, document);
    });
  }

  #servedFromMemory(age_ms: number): void {
    if (age_ms <= 0) return;
    this.#meter.usedCache(age_ms);
    this.#freshFor(Math.min(FRESHNESS_MS, OLDER_BUCKETS_MS - age_ms));
  }

  /** An answer is as fresh as its stalest part. */
  #freshFor(ms: number): void {
    if (!this.#promise) return;
    this.#fresh_for_ms = Math.min(this.#fresh_for_ms, Math.max(0, ms));
    this.#meter.fresh_for_ms = this.#fresh_for_ms;
  }
}

/** One bucket when it should hold by now what is wanted, by the interval that the device declared; else two. */
function firstBatch({ widths, expected_interval_ms }: Device, { expected, now_ms }: ScanOptions): number {
  if (expected <= 1) return 1;
  if (expected_interval_ms === null) return POLL_LIMIT;
  const filled = (now_ms - bucketAt(widths, now_ms).start_ms) / expected_interval_ms;
  return filled >= SURELY * expected ? 1 : POLL_LIMIT;
}

/** As many buckets as should hold what is still wanted; then more each time, for a consumer who wants all. */
function nextBatch(expected: number, points: number, buckets: number): number {
  const missing = expected - points;
  // The newest bucket is still filling; the one before it is full.
  if (buckets === 1 && missing > 0) return Math.min(MAX_BATCH, Math.ceil(missing / POINTS_PER_BUCKET));
  const likely = missing > 0 && points > 0 ? Math.ceil((missing * buckets) / points) : buckets * 2;
  return Math.min(MAX_BATCH, Math.max(1, likely));
}

/** The part of `points` (newest first) that lies in `range`; the array itself when all of it does. */
function within(points: readonly Point[], { start_ms, end_ms }: TimeRange): readonly Point[] {
  const newest = points[0];
  const oldest = points.at(-1);
  if (newest === undefined || oldest === undefined) return points;
  if (newest.timestamp_ms < end_ms && oldest.timestamp_ms >= start_ms) return points;
  return points.filter(({ timestamp_ms }) => timestamp_ms >= start_ms && timestamp_ms < end_ms);
}
