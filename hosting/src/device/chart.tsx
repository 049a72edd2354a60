import { computed, effect, signal } from '@preact/signals';
import { useEffect, useId, useRef } from 'preact/hooks';
import { now_ms } from '../lib/clock.ts';
import { isDark } from '../lib/theme.ts';
import { localTime, utcTime } from '../lib/words.ts';
import { axesOf } from './axes.ts';
import { coloursNow } from './colours.ts';
import { listen, type Hands } from './gestures.ts';
import { drawnOf } from './plot-options.ts';
import { Plot } from './plot.ts';
import { endingWith, widthOf } from './range.ts';
import type { DeviceScreen } from './screen.ts';
import { linesOf } from './series.ts';
import { summaryOf } from './summary.ts';

/** Below this width, in CSS pixels, there is room for one axis on each side. */
const NARROW = 640;
const MOST_AXES = 4;
const FEWEST_AXES = 2;

interface ChartProps {
  readonly screen: DeviceScreen;
  readonly hands: Hands;
}

/** The lines of all chosen metrics; moved and zoomed by mouse, fingers, wheel and keys. */
export function Chart({ screen, hands }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => (host.current === null ? undefined : keepDrawn(host.current, screen, hands)), [screen, hands]);
  return (
    <>
      <div
        ref={host}
        class="chart"
        tabIndex={0}
        role="application"
        aria-roledescription="chart"
        aria-label={`Values of ${screen.device_id}`}
        aria-describedby={id}
      />
      <Summary id={id} screen={screen} />
      <Blank screen={screen} />
    </>
  );
}

/** The chart in words, for whoever does not see it. */
function Summary({ id, screen }: { readonly id: string; readonly screen: DeviceScreen }) {
  const shown = screen.metrics.value.filter(({ name }) => screen.shown.value.has(name));
  return (
    <p id={id} class="hidden-text">
      {summaryOf(screen.inside.value, shown, (name) => screen.unit(name))} Arrow keys move along the time, plus and
      minus zoom, End goes to now.
    </p>
  );
}

/** Over a chart without anything in it: where the newest points are. */
function Blank({ screen }: { readonly screen: DeviceScreen }) {
  const newest_ms = screen.recent.value?.points.at(-1)?.timestamp_ms;
  if (newest_ms === undefined || screen.inside.value.length > 0 || screen.missing.value.length > 0) return null;
  const span = screen.span.value;
  const is_later = newest_ms >= span.start_ms;
  return (
    <div class="chart-blank">
      <p>No points in this time.</p>
      <button type="button" onClick={() => (screen.range.value = endingWith(newest_ms, widthOf(span), now_ms()))}>
        {is_later ? 'Later' : 'Back'} to the newest, <span title={utcTime(newest_ms)}>{localTime(newest_ms)}</span>
      </button>
    </div>
  );
}

/** Draws whatever changes, until the returned function is called. */
function keepDrawn(host: HTMLElement, screen: DeviceScreen, hands: Hands): () => void {
  const stop = new AbortController();
  const plot = new Plot(host, (time_ms) => (screen.pointed_ms.value = time_ms));
  listen(host, { ...hands, area: () => plot.area }, stop.signal);
  const sizeNow = () => ({ width: host.clientWidth, height: host.clientHeight });
  const size = signal(sizeNow());
  const observer = new ResizeObserver(() => (size.value = sizeNow()));
  observer.observe(host);
  // Named, so that the colours are read anew.
  const colours = computed(() => ({ ...coloursNow(host), is_dark: isDark.value }));
  const dispose = effect(() => {
    const shown = screen.metrics.value.filter(({ name }) => screen.shown.value.has(name));
    const room = size.value.width < NARROW ? FEWEST_AXES : MOST_AXES;
    const axes = axesOf(shown, (name) => screen.unit(name), room);
    const plan = { axes, booleans: shown.filter(({ kind }) => kind === 'boolean'), colours: colours.value };
    const names = drawnOf(plan).map(({ name }) => name);
    const lines = linesOf(screen.points.value, names, screen.gap_ms.value);
    plot.show({ plan, lines, size: size.value, span: screen.span.value, missing: screen.missing.value });
  });
  return () => {
    dispose();
    observer.disconnect();
    stop.abort();
    plot.destroy();
  };
}
