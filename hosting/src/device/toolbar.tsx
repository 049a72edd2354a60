import { download } from '../lib/csv.ts';
import { duration } from '../lib/words.ts';
import { exportName, exportText } from './export.ts';
import { pan, zoomIn, zoomOut, type Hands } from './gestures.ts';
import { LIVE, PRESETS, presetOf } from './range.ts';
import { AGGREGATE_TITLES, AGGREGATES } from './recent.ts';
import type { DeviceScreen } from './screen.ts';

interface ToolbarProps {
  readonly screen: DeviceScreen;
  readonly hands: Hands;
}

/** Which time is shown, of what, and the way out of it as a file. */
export function Toolbar({ screen, hands }: ToolbarProps) {
  return (
    <div class="chart-tools">
      <Ranges screen={screen} />
      <div class="button-group" role="group" aria-label="Move and zoom">
        <Tool label="Earlier" sign="‹" act={() => pan(hands, -0.5)} />
        <Tool label="Later" sign="›" act={() => pan(hands, 0.5)} disabled={screen.range.value.kind !== 'fixed'} />
        <Tool label="Zoom out" sign="−" act={() => zoomOut(hands)} />
        <Tool label="Zoom in" sign="+" act={() => zoomIn(hands)} />
      </div>
      <AggregateChoice screen={screen} />
      <Export screen={screen} />
    </div>
  );
}

interface ToolProps {
  readonly label: string;
  readonly sign: string;
  readonly act: () => void;
  readonly disabled?: boolean;
}

function Tool({ label, sign, act, disabled = false }: ToolProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      // The focus stays: it would be lost with a button that disables itself.
      aria-disabled={disabled}
      onClick={disabled ? undefined : act}
    >
      {sign}
    </button>
  );
}

function Ranges({ screen }: { readonly screen: DeviceScreen }) {
  const range = screen.range.value;
  const preset = presetOf(range);
  return (
    <div class="button-group" role="group" aria-label="Time shown">
      <button
        type="button"
        aria-pressed={range.kind === 'live'}
        title="The last 100 points"
        onClick={() => (screen.range.value = LIVE)}
      >
        Live
      </button>
      {Object.entries(PRESETS).map(([name, { title, span_ms }]) => (
        <button
          key={name}
          type="button"
          aria-pressed={name === preset}
          onClick={() => (screen.range.value = { kind: 'last', span_ms })}
        >
          {title}
        </button>
      ))}
    </div>
  );
}

/** Only where values are drawn for intervals. */
function AggregateChoice({ screen }: { readonly screen: DeviceScreen }) {
  const interval_ms = screen.drawnInterval_ms.value;
  if (interval_ms === null) return null;
  return (
    <label class="aggregate">
      <select
        value={screen.aggregate.value}
        onChange={({ currentTarget }) => {
          const chosen = AGGREGATES.find((name) => name === currentTarget.value);
          if (chosen !== undefined) screen.chosenAggregate.value = chosen;
        }}
      >
        {AGGREGATES.map((name) => (
          <option key={name} value={name}>
            {AGGREGATE_TITLES[name]}
          </option>
        ))}
      </select>{' '}
      of {duration(interval_ms)}
    </label>
  );
}

function Export({ screen }: { readonly screen: DeviceScreen }) {
  const points = screen.inside.value;
  const summary = summaryText(screen);
  const missing = missingText(screen);
  const save = () => {
    if (missing !== null) return;
    const text = exportText(points, { unitOf: (name) => screen.unit(name), summary });
    download(exportName(screen.device_id, screen.span.value), text);
  };
  const what = summary === '' ? 'points' : `values (${summary})`;
  return (
    <button
      type="button"
      class="export"
      aria-disabled={missing !== null}
      title={missing ?? `The ${points.length} ${what} that are shown, as a file for a spreadsheet`}
      onClick={save}
    >
      Export CSV
    </button>
  );
}

/** Such as `average of 30 min`; empty when every point is shown. */
function summaryText(screen: DeviceScreen): string {
  const interval_ms = screen.drawnInterval_ms.value;
  return interval_ms === null
    ? ''
    : `${AGGREGATE_TITLES[screen.aggregate.value].toLowerCase()} of ${duration(interval_ms)}`;
}

/** Why there is no file; null when there is one. */
function missingText(screen: DeviceScreen): string | null {
  if (screen.missing.value.length > 0) return 'Not yet: part of this time is still to be loaded';
  return screen.inside.value.length === 0 ? 'There are no points in this time' : null;
}
