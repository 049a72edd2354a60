import type { Point } from '../model/point.ts';

const MAX_DEVICES = 1_000;
/** A full default page and the one more that tells whether another follows; larger looks are not remembered. */
export const MAX_POINTS = 128;

interface Remembered<V> {
  readonly version: V;
  readonly start_ms: number;
  /** Newest first; nothing newer was stored. */
  readonly points: readonly Point[];
  /** Whether these were all from `start_ms` on. */
  readonly whole: boolean;
}

/**
 * The newest points of devices that are looked at again and again, kept only while they are certain to be what is stored.
 * Certainty is a version `V`, read before each look, that is another one whenever anything may have been stored.
 */
export class NewestPoints<V extends string | number> {
  readonly #known = new Map<string, Remembered<V>>();

  /** Up to `limit` newest points of [start, end), or null when memory cannot answer for certain. */
  recall(key: string, start_ms: number, end_ms: number, limit: number, version: V): readonly Point[] | null {
    const known = this.#known.get(key);
    const newest = known?.points[0];
    if (known?.version !== version || newest === undefined || newest.timestamp_ms >= end_ms) return null;
    const enough = known.points.length >= limit || (known.whole && known.start_ms <= start_ms);
    if (!enough) return null;
    const oldest = known.points.at(-1);
    const within = oldest !== undefined && oldest.timestamp_ms >= start_ms;
    const points = within ? known.points : known.points.filter(({ timestamp_ms }) => timestamp_ms >= start_ms);
    return points.length > limit ? points.slice(0, limit) : points;
  }

  /** Keeps the answer of a look from `start_ms` up without an end. */
  remember(key: string, start_ms: number, limit: number, points: readonly Point[], version: V): void {
    this.#known.delete(key);
    if (points.length === 0 || points.length > MAX_POINTS) return;
    this.#known.set(key, { version, start_ms, points, whole: points.length < limit });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_DEVICES && oldest !== undefined) this.#known.delete(oldest);
  }

  forget(key: string): void {
    this.#known.delete(key);
  }
}
