import type { Device } from '../../model/entities.ts';
import type { Point } from '../../model/point.ts';
import type { ScanOptions, TelemetryStore, TimeRange } from '../contracts.ts';
import type { Journal } from '../journal.ts';
import type { RoutedReads } from './routed.ts';
import { segmentsOf } from './segments.ts';

export interface TelemetryRouting {
  readonly journal: Journal;
  readonly sqlite: TelemetryStore;
  readonly firestore: TelemetryStore;
  readonly reads: RoutedReads;
}

/** Writes go to SQLite, which decides everything; reads go where the flags say, and never miss what SQLite has. */
export function boxTelemetry({ journal, sqlite, firestore, reads }: TelemetryRouting): TelemetryStore {
  async function* scan(device: Device, range: TimeRange, options: ScanOptions): AsyncGenerator<readonly Point[]> {
    const { flags, dirty } = await journal.plan(device, range);
    if (flags.telemetry !== 'firestore') {
      yield* sqlite.scan(device, range, options);
      return;
    }
    let expected = options.expected;
    for (const { store, ...span } of segmentsOf(range, dirty)) {
      const asked = { ...options, expected: Math.max(1, expected) };
      const chunks = store === 'sqlite' ? sqlite.scan(device, span, asked) : mirrored(device, span, asked);
      for await (const chunk of chunks) {
        expected -= chunk.length;
        yield chunk;
      }
    }
  }

  /** From Firestore, and from where it fails on from SQLite. */
  async function* mirrored(device: Device, range: TimeRange, options: ScanOptions): AsyncGenerator<readonly Point[]> {
    let end_ms = range.end_ms;
    if (reads.mayAsk()) {
      const chunks = firestore.scan(device, range, options)[Symbol.asyncIterator]();
      try {
        for (;;) {
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

  return {
    write: (request) => sqlite.write(request),
    writeBudget: (device, now_ms) => sqlite.writeBudget(device, now_ms),
    scan,
  };
}
