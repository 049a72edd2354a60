import { valueText } from '../lib/units.ts';
import { duration } from '../lib/words.ts';
import type { DeviceScreen } from './screen.ts';
import type { Metric } from './series.ts';
import { Swatch } from './swatch.tsx';

interface NewestProps {
  readonly screen: DeviceScreen;
}

/** The newest value of every metric; each switches its line on and off. */
export function Newest({ screen }: NewestProps) {
  return (
    <ul class="newest" aria-label="Newest values">
      {screen.metrics.value.map((metric) => (
        <li key={metric.name}>
          <Value metric={metric} screen={screen} />
        </li>
      ))}
    </ul>
  );
}

function Value({ metric, screen }: NewestProps & { readonly metric: Metric }) {
  const { name, kind } = metric;
  const newest = screen.newestOf(name);
  const text = newest === null ? '–' : valueText(newest.value, screen.unit(name));
  const is_behind = newest !== null && newest.behind_ms > screen.gap_ms.value;
  const content = (
    <>
      <span class="newest-name">
        <Swatch metric={metric} />
        <span title={name}>{name}</span>
      </span>
      <span class="newest-value figure" title={text}>
        {text}
      </span>
      {is_behind ? <span class="quiet small-text">{duration(newest.behind_ms)} before the others</span> : null}
    </>
  );
  if (kind === 'text') return <div class="newest-tile">{content}</div>;
  const is_shown = screen.shown.value.has(name);
  return (
    <button
      type="button"
      class="newest-tile"
      aria-pressed={is_shown}
      title={is_shown ? 'Take it off the chart' : 'Draw it'}
      onClick={() => screen.toggle(name)}
    >
      {content}
    </button>
  );
}
