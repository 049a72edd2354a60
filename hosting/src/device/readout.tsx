import { valueText } from '../lib/units.ts';
import { duration, localSpan, localTime, utcTime } from '../lib/words.ts';
import { AGGREGATE_TITLES } from './recent.ts';
import type { DeviceScreen } from './screen.ts';
import { progressText } from './summary.ts';
import { Swatch } from './swatch.tsx';

interface ReadoutProps {
  readonly screen: DeviceScreen;
}

/** What the pointer is at, else what is drawn; it has its place all the time, so that nothing jumps. */
export function Readout({ screen }: ReadoutProps) {
  const is_pointed = screen.reading.value !== null;
  return <div class="readout">{is_pointed ? <Pointed screen={screen} /> : <Drawn screen={screen} />}</div>;
}

function Pointed({ screen }: ReadoutProps) {
  const reading = screen.reading.value;
  if (reading === null) return null;
  const { timestamp_ms, metrics } = reading;
  const seen = screen.metrics.value.filter(
    ({ name, kind }) => Object.hasOwn(metrics, name) && (kind === 'text' || screen.shown.value.has(name)),
  );
  return (
    <>
      <span class="readout-time figure">
        {localTime(timestamp_ms)} <span class="quiet">= {utcTime(timestamp_ms)}</span>
      </span>
      {seen.map((metric) => (
        <span key={metric.name} class="readout-value">
          <Swatch metric={metric} />
          <span class="readout-name">{metric.name}</span>
          <b class="figure">{valueText(metrics[metric.name] ?? '', screen.unit(metric.name))}</b>
        </span>
      ))}
    </>
  );
}

function Drawn({ screen }: ReadoutProps) {
  const { start_ms, end_ms } = screen.span.value;
  const interval_ms = screen.drawnInterval_ms.value;
  const count = screen.inside.value.length;
  const what =
    interval_ms === null
      ? `${count} ${count === 1 ? 'point' : 'points'}`
      : `${count} × ${AGGREGATE_TITLES[screen.aggregate.value].toLowerCase()} of ${duration(interval_ms)}`;
  return (
    <>
      <span class="figure" title={`${utcTime(start_ms)} to ${utcTime(end_ms)}`}>
        {localSpan(start_ms, end_ms)}
      </span>
      <span class="quiet figure">{what}</span>
      <LeftOut screen={screen} />
      <Progress screen={screen} />
    </>
  );
}

/** Yes, no and words have no average. */
function LeftOut({ screen }: ReadoutProps) {
  if (screen.drawnInterval_ms.value === null || screen.aggregate.value === 'last') return null;
  const left = screen.metrics.value.filter(({ name, kind }) => kind === 'boolean' && screen.shown.value.has(name));
  if (left.length === 0) return null;
  return (
    <span class="quiet">
      {left.map(({ name }) => name).join(', ')}: only as{' '}
      <button type="button" class="link" onClick={() => (screen.chosenAggregate.value = 'last')}>
        last value
      </button>
    </span>
  );
}

function Progress({ screen }: ReadoutProps) {
  const loading = screen.history.loading.value;
  const text = progressText(screen.untold.value, screen.missing.value);
  if (loading.kind === 'failed') {
    return (
      <span role="status">
        <span class="bad-text">{loading.failure.message}</span>{' '}
        <button type="button" class="link" onClick={() => screen.history.retry()}>
          Try again
        </button>
      </span>
    );
  }
  if (text === null) return null;
  const why = loading.kind === 'waiting' ? (loading.failure === null ? ', slowly, to spare reads' : ', waiting') : '';
  return (
    <span role="status" class="quiet figure">
      loading {text}
      {why}
    </span>
  );
}
