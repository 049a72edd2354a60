import type { Device } from '../../model/entities.ts';
import type { Point } from '../../model/point.ts';
import type { Meter } from '../../observability/meter.ts';
import type { ScanOptions, TelemetryStore, TimeRange } from '../contracts.ts';
import type { RoutedReads } from './routed.ts';
import { segmentsOf } from './segments.ts';

interface Sides {
  readonly sqlite: TelemetryStore;
  readonly firestore: TelemetryStore;
  readonly reads: RoutedReads;
  readonly meter: Meter;
}

/** A walk over both stores, newest first: dirty spans from SQLite, the rest from Firestore. */
export async function* mirroredScan(
  sides: Sides,
  device: Device,
  range: TimeRange,
  options: ScanOptions,
  dirty: readonly TimeRange[],
): AsyncGenerator<readonly Point[]> {
  let expected = options.expected;
  for (const { store, ...span } of segmentsOf(range, dirty)) {
    const asked = { ...options, expected: Math.max(1, expected) };
    const chunks =
      store === 'sqlite' ? sides.sqlite.scan(device, span, asked) : fromFirestore(sides, device, span, asked);
    for await (const chunk of chunks) {
      expected -= chunk.length;
      yield chunk;
    }
  }
}

/** From Firestore, and from where it fails or the read budget is used up on from SQLite, which costs nothing. */
async function* fromFirestore(
  { sqlite, firestore, reads, meter }: Sides,
  device: Device,
  range: TimeRange,
  options: ScanOptions,
): AsyncGenerator<readonly Point[]> {
  let end_ms = range.end_ms;
  const mayRead = () => meter.allowance?.mayRead ?? true;
  if (mayRead() && reads.mayAsk()) {
    // Not to stop early: what Firestore leaves out SQLite answers.
    const { expected, now_ms } = options;
    const chunks = firestore.scan(device, range, { expected, now_ms })[Symbol.asyncIterator]();
    try {
      while (mayRead()) {
        const next = await reads.ask(chunks.next());
        if (next.done === true) return;
        end_ms = next.value.at(-1)?.timestamp_ms ?? end_ms;
        yield next.value;
      }
    } catch (error) {
      reads.recover(error);
    } finally {
      // Not waited for: it may still hang in the question that took too long.
      void chunks.return?.().catch(() => undefined);
    }
  }
  yield* sqlite.scan(device, { ...range, end_ms }, options);
}
