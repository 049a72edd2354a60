/** Which time the chart shows, and how moving and zooming change it. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@bas/core/clock';
import { oldestKept_ms, TELEMETRY_RETENTION_MS } from '@bas/core/model/retention';

/** A stretch of time; the end is exclusive. */
export interface Span {
  readonly start_ms: number;
  readonly end_ms: number;
}

export type Range =
  /** The newest points, as the server keeps them at hand. */
  | { readonly kind: 'live' }
  /** Ends now, and moves with it. */
  | { readonly kind: 'last'; readonly span_ms: number }
  | ({ readonly kind: 'fixed' } & Span);

export const LIVE: Range = { kind: 'live' };

/** By their name in the address. */
export const PRESETS: Readonly<Record<string, { readonly title: string; readonly span_ms: number }>> = {
  hour: { title: 'Hour', span_ms: HOUR_MS },
  day: { title: 'Day', span_ms: DAY_MS },
  week: { title: 'Week', span_ms: 7 * DAY_MS },
  '90-days': { title: '90 days', span_ms: TELEMETRY_RETENTION_MS },
};

const SHORTEST_MS = MINUTE_MS;
const LONGEST_MS = TELEMETRY_RETENTION_MS;
/** Whoever comes so close to now, as a part of what is shown, wants to see what comes. */
const NEARLY_NOW = 0.01;
/** So that a last point does not lie on the edge, as a part of what is shown. */
const ROOM_AFTER = 0.05;

export function widthOf({ start_ms, end_ms }: Span): number {
  return end_ms - start_ms;
}

export function presetOf(range: Range): string | null {
  if (range.kind !== 'last') return null;
  return Object.entries(PRESETS).find(([, { span_ms }]) => span_ms === range.span_ms)?.[0] ?? null;
}

/** Such as `live`, `week`, `last-5400000` or `1795399649426-1795403249426`. */
export function formatRange(range: Range): string {
  switch (range.kind) {
    case 'live':
      return 'live';
    case 'last':
      return presetOf(range) ?? `last-${Math.round(range.span_ms)}`;
    case 'fixed':
      return `${Math.round(range.start_ms)}-${Math.round(range.end_ms)}`;
  }
}

/** Anything that is not understood is live. */
export function parseRange(text: string | undefined): Range {
  const preset = text !== undefined && Object.hasOwn(PRESETS, text) ? PRESETS[text] : undefined;
  if (preset !== undefined) return { kind: 'last', span_ms: preset.span_ms };
  const [, first = '', second = ''] = /^(last|\d{1,15})-(\d{1,15})$/.exec(text ?? '') ?? [];
  const last = Number(second);
  if (first === 'last') return { kind: 'last', span_ms: clampWidth(last) };
  const start_ms = Number(first);
  return first !== '' && start_ms < last ? { kind: 'fixed', start_ms, end_ms: last } : LIVE;
}

/** What of time a range other than `live` shows. */
export function spanOf(range: Exclude<Range, { kind: 'live' }>, now_ms: number): Span {
  return range.kind === 'fixed' ? range : { start_ms: now_ms - range.span_ms, end_ms: now_ms };
}

/** Moved along the time by so much; it stays within what is kept. */
export function moved(span: Span, by_ms: number, now_ms: number): Range {
  const there = { start_ms: span.start_ms + by_ms, end_ms: span.end_ms + by_ms };
  // A small step away from now must not be drawn back to it.
  return settled(there, now_ms, by_ms < 0 ? 0 : NEARLY_NOW);
}

/** Wider or narrower by `factor`; `at_ms` stays where it is. */
export function zoomed(span: Span, factor: number, at_ms: number, now_ms: number): Range {
  const width_ms = clampWidth(widthOf(span) * factor);
  const part = (at_ms - span.start_ms) / widthOf(span);
  const start_ms = at_ms - part * width_ms;
  return settled({ start_ms, end_ms: start_ms + width_ms }, now_ms);
}

/** The range that shows `span` as far as there may be anything; one that ends nearly now follows the time. */
export function settled(span: Span, now_ms: number, nearly = NEARLY_NOW): Range {
  const width_ms = clampWidth(widthOf(span));
  if (span.end_ms >= now_ms - nearly * width_ms) return { kind: 'last', span_ms: width_ms };
  const start_ms = Math.max(oldestKept_ms(now_ms), span.start_ms);
  return { kind: 'fixed', start_ms, end_ms: Math.min(now_ms, start_ms + width_ms) };
}

/** As wide as before, with the point at `at_ms` near its end; a device may have been silent since. */
export function endingWith(at_ms: number, width_ms: number, now_ms: number): Range {
  const end_ms = at_ms + width_ms * ROOM_AFTER;
  return settled({ start_ms: end_ms - width_ms, end_ms }, now_ms, 0);
}

function clampWidth(width_ms: number): number {
  return Math.round(Math.min(LONGEST_MS, Math.max(SHORTEST_MS, width_ms)));
}
