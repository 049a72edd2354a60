import { useSignal } from '@preact/signals';
import { valueText } from '../lib/units.ts';
import { Time } from '../ui/parts.tsx';
import type { DeviceScreen } from './screen.ts';

/** More is for the file. */
const MOST_ROWS = 100;

interface TableProps {
  readonly screen: DeviceScreen;
}

/** The same values as the chart for whoever reads rather than looks; made only when it is opened. */
export function PointTable({ screen }: TableProps) {
  const is_open = useSignal(false);
  return (
    <details class="card points" onToggle={({ currentTarget }) => (is_open.value = currentTarget.open)}>
      <summary>Values as a table</summary>
      {is_open.value ? <Rows screen={screen} /> : null}
    </details>
  );
}

function Rows({ screen }: TableProps) {
  const points = screen.inside.value;
  const metrics = screen.metrics.value;
  const rows = points.slice(-MOST_ROWS).toReversed();
  if (rows.length === 0) return <p class="quiet">There are no points in the time that is shown.</p>;
  return (
    <>
      {points.length > MOST_ROWS ? (
        <p class="quiet small-text">
          The newest {MOST_ROWS} of {points.length}; all of them are in the export.
        </p>
      ) : null}
      <div class="scroll" tabIndex={0} role="region" aria-label="Values as a table">
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              {metrics.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ timestamp_ms, metrics: values }) => (
              <tr key={timestamp_ms}>
                <th scope="row" class="figure">
                  <Time ms={timestamp_ms} />
                </th>
                {metrics.map(({ name }) => (
                  <td key={name} class="figure">
                    {Object.hasOwn(values, name) ? valueText(values[name] ?? '', screen.unit(name)) : ''}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
