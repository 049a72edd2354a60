import type { TimeRange } from '../contracts.ts';

export interface Segment extends TimeRange {
  readonly store: 'sqlite' | 'firestore';
}

/**
 * Cuts `range` into spans, newest first, each answered by one store: what Firestore does not have as it is comes from
 * SQLite. `dirty` is newest first and may reach beyond the range; neighbours become one span.
 */
export function segmentsOf(range: TimeRange, dirty: readonly TimeRange[]): readonly Segment[] {
  const segments: Segment[] = [];
  let end_ms = range.end_ms;
  const take = (store: Segment['store'], start_ms: number): void => {
    if (start_ms >= end_ms) return;
    const last = segments.at(-1);
    if (last?.store === store) segments[segments.length - 1] = { ...last, start_ms };
    else segments.push({ store, start_ms, end_ms });
    end_ms = start_ms;
  };
  for (const span of dirty) {
    take('firestore', Math.max(range.start_ms, span.end_ms));
    take('sqlite', Math.max(range.start_ms, span.start_ms));
  }
  take('firestore', range.start_ms);
  return segments;
}
