import { MAX_METRICS_PER_POINT, canonicalMetrics, parseMetrics, type MetricValue } from './point.ts';

/** What becomes of a point that meets what is already stored at its instant. */
export type Merge =
  | { readonly kind: 'store'; readonly metrics: string }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'conflict'; readonly name: string }
  /** Together they have more metrics than a point may have. */
  | { readonly kind: 'too_many' };

/**
 * Joins `incoming` with `existing` (canonical metrics text of the same instant). New names are added; a different value
 * for a known name is a conflict unless `overwrite`; nothing new is a duplicate.
 */
export function mergeMetrics(existing: string | undefined, incoming: string, overwrite: boolean): Merge {
  if (existing === undefined) return { kind: 'store', metrics: incoming };
  if (existing === incoming) return { kind: 'duplicate' };
  const merged = new Map<string, MetricValue>(Object.entries(parseMetrics(existing)));
  for (const [name, value] of Object.entries(parseMetrics(incoming))) {
    const known = merged.get(name);
    if (known !== undefined && known !== value && !overwrite) return { kind: 'conflict', name };
    merged.set(name, value);
  }
  if (merged.size > MAX_METRICS_PER_POINT) return { kind: 'too_many' };
  const metrics = canonicalMetrics(Object.fromEntries(merged));
  return metrics === existing ? { kind: 'duplicate' } : { kind: 'store', metrics };
}
