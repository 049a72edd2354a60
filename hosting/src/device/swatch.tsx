import { dashOf, SERIES_COLOURS } from './colours.ts';
import type { Metric } from './series.ts';

/** A piece of the metric's line; nothing for what is not drawn. */
export function Swatch({ metric: { kind, place } }: { readonly metric: Metric }) {
  if (kind === 'text') return null;
  return (
    <svg
      class={`swatch series-${(place % SERIES_COLOURS) + 1}`}
      viewBox="0 0 24 10"
      width="24"
      height="10"
      aria-hidden="true"
    >
      {kind === 'boolean' ? (
        <path d="M1 8H8V2H16V8H23" />
      ) : (
        <path d="M0 5H24" stroke-width="2.5" stroke-dasharray={dashOf(place).join(' ')} />
      )}
    </svg>
  );
}
